"""The real JupyterLab in the system's Chromium, offline: what a person sees and clicks."""
