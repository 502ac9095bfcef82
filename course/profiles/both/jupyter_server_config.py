"""Nothing leaves this machine: the default extension manager asks a package index, news and updates ask the web."""

c = get_config()  # noqa: F821

c.LabApp.extension_manager = "readonly"
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.news_url = None
