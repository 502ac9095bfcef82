"""A student's nbgrader on the hub: which course, and where its exchange is. jupyterhub_config.py says both."""

import os

c = get_config()  # noqa: F821

c.CourseDirectory.course_id = os.environ["THRESHOLD_COURSE"]
c.Exchange.root = os.environ["THRESHOLD_EXCHANGE"]
