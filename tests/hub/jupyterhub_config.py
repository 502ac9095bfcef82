"""The tested hub: the course's own configuration, on loopback, driven by a service with an administrator's rights."""

import json
import os
from pathlib import Path

import grader.hub

c = get_config()  # noqa: F821
load_subconfig(str(Path(grader.hub.__file__).with_name("jupyterhub_config.py")))  # noqa: F821

ports = json.loads(os.environ["TEST_PORTS"])
c.JupyterHub.bind_url = f"http://127.0.0.1:{ports['proxy']}"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{ports['hub']}"
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{ports['api']}"
c.ConfigurableHTTPProxy.command = [os.environ["TEST_PROXY"]]
c.JupyterHub.authenticator_class = "dummy"  # nobody logs in by a page: servers are started, and asked, with tokens
c.Authenticator.allow_all = True
c.JupyterHub.services.append({"name": "driver", "api_token": os.environ["TEST_TOKEN"]})
c.JupyterHub.load_roles.append(
    {"name": "driver", "scopes": ["admin:users", "admin:servers", "tokens"], "services": ["driver"]}
)
c.JupyterHub.db_url = "sqlite:///hub.sqlite"
c.JupyterHub.cookie_secret_file = "cookie_secret"
