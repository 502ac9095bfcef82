"""What the doctor looks at: each function takes the current folder and yields findings about one thing."""

from course.checkups.exchange import exchange_permissions
from course.checkups.folders import class_folder, workspace
from course.checkups.interpreter import kernel, packages, python
from course.checkups.jupyter import jupyter_config, jupyter_folders, nbgrader_config, nbgrader_exchange
from course.checkups.machine import browser, disk, gpu, isolation, loopback, text_encoding

CHECKUPS = (
    python,
    packages,
    kernel,
    gpu,  # before a class's nbgrader_config.py is run: the grader, which that imports, asks for the simulator
    jupyter_folders,
    jupyter_config,
    nbgrader_config,
    nbgrader_exchange,
    exchange_permissions,
    class_folder,
    workspace,
    isolation,
    browser,
    loopback,
    disk,
    text_encoding,
)
