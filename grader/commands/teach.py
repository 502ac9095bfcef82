"""threshold teach"""

from typing import Annotated

import typer

from grader.commands.terminal import Folder, console


def teach(
    folder: Folder = None,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open a browser, or print the address.")
    ] = True,
):
    """Open JupyterLab on a class, with nbgrader's Formgrader."""
    from course import lab
    from grader.classroom import Classroom

    classroom = Classroom.find(folder).require()
    classroom.api()  # what is wrong with its settings is said here in a line; JupyterLab would go on without them
    console.print(f"Opening JupyterLab on {classroom.root}. Stop it with Ctrl+C.", markup=False)
    code = lab.serve(
        classroom.root, kind="instructor", class_dir=classroom.root, state=classroom.state, browser=browser
    )
    raise typer.Exit(code)
