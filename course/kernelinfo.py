"""What a notebook says of its kernel, as JupyterLab will hear it from the kernel itself.

JupyterLab writes what the kernel tells into every notebook it opens; where that differs from what stands there, the
notebook counts as changed, and its tab bears the mark of unsaved work before anybody has typed a letter.
"""

import platform

KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
LANGUAGE = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
    "version": platform.python_version(),
}


def settle(notebook):
    """The notebook, with the language of this machine's Python in it."""
    notebook.metadata["language_info"] = LANGUAGE
    return notebook
