"""What cells put on the page: text, pictures, films, questions. All of it survives as static text.

A saved notebook keeps HTML but loses widgets, so words always live in a page; a widget only asks.
"""

import base64
import html
import json
import re
import uuid

LETTERS = "abcdefgh"  # of choices
STYLE = (
    "color:var(--jp-content-font-color1, inherit);font-family:var(--jp-content-font-family, sans-serif);line-height:1.5"
)
PROSE = f"{STYLE};max-width:54em;overflow-wrap:anywhere"
# ipywidgets keeps a button's label on one line and cuts it off
WRAP = (
    "<style>.threshold-ask .threshold-choice{white-space:normal;height:auto;text-align:left;justify-content:flex-start;"
    "line-height:1.5;padding:.4em 1em;margin:2px 0;background:var(--jp-layout-color1,transparent);"
    "border:1px solid var(--jp-border-color1,#8a8a8a);border-radius:4px}"
    ".threshold-ask .threshold-choice:hover{background:var(--jp-layout-color2,#eee)}"
    ".threshold-ask button:focus-visible{outline:2px solid var(--jp-brand-color1,#1976d2);outline-offset:1px}"
    ".threshold-ask{max-width:54em}</style>"
)
GONE = "No buttons? Run this cell again: nothing you chose is lost."
DEAD = "Buttons that do not answer? Run this cell again: nothing you chose is lost."


def page(inner, text):
    """A bundle for display(): HTML in the reader's colors, plain text where there is no HTML."""
    return {"text/html": f'<div class="threshold-page" style="{PROSE}">{inner}</div>', "text/plain": text}


def show(bundle, metadata=None):
    """Display a bundle -> a handle whose `update(bundle, raw=True)` replaces it, also in the saved notebook.

    Where Python runs without a notebook, the bundle's text is printed and there is no handle.
    """
    from IPython.display import display

    if not in_notebook():
        return print(bundle["text/plain"])
    return display(bundle, metadata=metadata, raw=True, display_id=True)


def in_notebook():
    """True where there is somebody to display to: a notebook, or any other IPython."""
    from IPython import get_ipython

    return get_ipython() is not None


def prose(text, code="<code>"):
    """Text as HTML: escaped, with what stands between backticks, and a call of hint(f), set as code. code: its tag."""
    return re.sub(r"`([^`]+)`|\b(hint\(\w+\))", rf"{code}\1\2</code>", html.escape(text))


def lettered(choices):
    """(letter, choice) of each. ValueError where there are more of them than letters."""
    if len(choices) > len(LETTERS):
        raise ValueError(f"{len(choices)} choices: {len(LETTERS)} are the most that one question can have.")
    return list(zip(LETTERS, choices, strict=False))


def ask(heading, choices, then):
    """A heading and a button for each choice, which calls then(index of the choice). -> an ipywidgets box

    Buttons and not radio buttons: JupyterLab keeps the arrow keys for itself, and a button is pressed with the Tab
    key and the space bar.
    """
    import ipywidgets as widgets

    buttons = []
    for i, (letter, choice) in enumerate(lettered(choices)):
        button = widgets.Button(description=f"{letter})  {plain(choice)}", layout={"width": "100%"})
        button.add_class("threshold-choice")
        button.on_click(lambda _, i=i: then(i))
        buttons.append(button)
    top = widgets.HTML(f'{WRAP}<div style="{PROSE}">{heading}</div>')
    foot = widgets.HTML(f'<div style="{PROSE};font-size:.9em">{DEAD}</div>')
    box = widgets.VBox([top, *buttons, foot])
    box.add_class("threshold-ask")
    return box


def minus(text):
    """Text with real minus signs."""
    return text.replace("-", "−")


def plain(text):
    """Text without the backticks, for labels that can hold no HTML."""
    return text.replace("`", "")


def widget_bundle(box, text):
    """A bundle that shows the widget, or `text` where there is none: after a restart too, until the cell runs again."""
    return {**box._repr_mimebundle_(), "text/plain": f"{text}\n{GONE}"}


def picture(png, alt, width):
    """A picture (PNG bytes), its alt text, and the same words folded away below it for everybody."""
    return f'<div style="{STYLE}">{_image(_inline(png), alt, width)}{_in_words(alt)}</div>'


def film(frames, captions, alt, width):
    """Frames (PNG bytes) and their captions as a film with a Play button and a slider, both for keys too.

    Ours and not matplotlib's to_jshtml, whose icons come from another server, whose pictures have no alt text and
    which starts moving by itself. Where no script runs, the last frame stands still.
    """
    images = [_inline(frame) for frame in frames]
    name = f"film-{uuid.uuid4().hex[:12]}"
    script = PLAYER.replace("NAME", name).replace("IMAGES", _for_script(images))
    script = script.replace("CAPTIONS", _for_script(captions))
    return f"""<div id="{name}" style="{STYLE}">
{_image(images[-1], alt, width)}
<p class="caption" style="margin:.3em 0">{html.escape(captions[-1])}</p>
<p class="controls" style="display:none;gap:1em;align-items:center;margin:.3em 0;max-width:{width}px">
<button type="button" style="min-width:5em;padding:.3em 1em">Play</button>
<input type="range" min="0" max="{len(images) - 1}" value="0" aria-label="Frame of the film" style="flex:1"></p>
{_in_words(alt)}</div>
<script>{script}</script>"""


PLAYER = """
(() => {
  const film = document.getElementById("NAME"), images = IMAGES, captions = CAPTIONS;
  const [image, caption, controls, play, slider] =
    ["img", ".caption", ".controls", "button", "input"].map((part) => film.querySelector(part));
  let timer = null;
  const draw = () => {
    image.src = images[slider.value];
    caption.textContent = captions[slider.value];
    slider.setAttribute("aria-valuetext", captions[slider.value]);
  };
  const stop = () => { clearInterval(timer); timer = null; play.textContent = "Play"; };
  const step = () => {
    slider.value = +slider.value + 1;
    draw();
    if (!film.isConnected || +slider.value === images.length - 1) stop();
  };
  play.onclick = () => {
    if (timer) return stop();
    if (+slider.value === images.length - 1) slider.value = 0;
    draw();
    timer = setInterval(step, 700);
    play.textContent = "Pause";
  };
  slider.oninput = () => { stop(); draw(); };
  controls.style.display = "flex";
  draw();
})();
"""


def _image(source, alt, width):
    return f'<img src="{source}" width="{width}" style="max-width:100%" alt="{html.escape(alt)}">'


def _in_words(alt):
    return f"<details><summary>The picture in words</summary>{html.escape(alt)}</details>"


def _inline(png):
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def _for_script(value):
    return json.dumps(value).replace("<", "\\u003c")  # "</script>" in a caption would end the script
