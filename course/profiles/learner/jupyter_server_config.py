"""A learner's server: without the instructor's pages, and without jupytext, whose pairing could overwrite work."""

c = get_config()  # noqa: F821

c.ServerApp.jpserver_extensions = {
    "nbgrader.server_extensions.formgrader": False,
    "nbgrader.server_extensions.course_list": False,
    "jupyterlab_jupytext": False,
}
