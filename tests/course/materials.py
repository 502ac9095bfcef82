"""Small course material to build workspaces from: what a release would hold, without the grader."""

from nbformat import v4

from course import merge


def notebook(**cells):
    """A notebook as bytes: id="source"; a source that begins with "#" is prose."""
    made = [
        v4.new_markdown_cell(source, id=key) if source.startswith("#") else v4.new_code_cell(source, id=key)
        for key, source in cells.items()
    ]
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    return merge.write(v4.new_notebook(cells=made, metadata={"kernelspec": kernel}))


def stage(name, *exercises, **cells):
    """{path: bytes} of one stage: its notebook, and an answer sheet for each exercise."""
    cells = cells or {"intro": f"# {name}", "setup": "from course import check"}
    return {f"{name}.ipynb": notebook(**cells)} | {f"checks/{each}.safetensors": each.encode() for each in exercises}


def sources(data):
    """The cells' texts of a notebook given as bytes."""
    return [cell.source for cell in merge.read(data).cells]
