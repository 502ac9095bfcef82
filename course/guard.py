"""What stands above a notebook's imports: where the course is not installed, it says what to install, in a few lines.

It is text, put into notebooks when they are built; nothing of the course can run where the course is missing.
"""

GUARD = '''\
try:
    import course
except ImportError as fault:
    import sys

    class Missing(ImportError):
        def _render_traceback_(self):
            return [str(self)]

    raise Missing(f"""This notebook needs the tools of the Threshold course, and they are not here ({fault}).
Install them for the Python that runs this notebook, then restart the kernel:

  with the course file you were given:  "{sys.executable}" -m pip install threshold_course-….whl
  or in a clone of the course:          "{sys.executable}" -m pip install -e .

If they are installed in another environment, choose the kernel of that one.""") from None
'''
