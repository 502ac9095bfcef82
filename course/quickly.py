"""Jupyter without its longest wait: `python quickly.py jupyterlab …` is `python -m jupyterlab …`, a second or more earlier.

Jupyter reads every notebook with jsonschema, and that, wherever the package rfc3987-syntax is installed, builds 38 parsers
at each import, to check one format: web addresses with letters of all alphabets. No schema of Jupyter's asks for it.
To jsonschema that package is optional; importing this module first makes it look absent.
"""

import runpy
import sys

sys.modules.setdefault("rfc3987_syntax", None)  # to import it is an ImportError from now on, as if it were not there

if __name__ == "__main__":
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
