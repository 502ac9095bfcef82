// The course in JupyterLab: a card on the launcher, and a course map that is fresh whenever it is looked at.
//
// A whole Lab extension in one file that needs no build: Lab calls `init` with the modules it shares, then `get`.
// Without it everything still works; the start page is an ordinary notebook.
(() => {
  const START = "start_here.ipynb";
  const SHOW = "from course import start; start.show()";
  const PICTURE =
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 52 52"><g fill="#2e86c1">' +
    '<rect x="4" y="4" width="20" height="20" rx="3"/><rect x="28" y="28" width="20" height="20" rx="3" opacity=".35"/>' +
    '<rect x="28" y="4" width="20" height="20" rx="3"/><rect x="4" y="28" width="20" height="20" rx="3" fill="#d35400"/></g></svg>';
  let shared;

  // The copy of a module that Lab itself uses: tokens are compared by identity.
  const lab = async name => {
    const copies = Object.values(shared[name]);
    const copy = copies.find(each => /application-top/.test(each.from)) ?? copies[0];
    return (await copy.get())();
  };

  // Ask the kernel for the map and draw it if it changed. Running the cell instead would blank the page until the kernel
  // answers, and would run whatever a stranger wrote into it.
  const refresh = async panel => {
    await Promise.all([panel.context.ready, panel.sessionContext.ready]);
    const map = panel.content.widgets.find(cell => cell.model.id === "course-map")?.model;
    const kernel = panel.sessionContext.session?.kernel;
    if (!map || !kernel) return;
    const request = kernel.requestExecute({ code: SHOW, store_history: false });
    let fresh;
    request.onIOPub = message => {
      if (message.header.msg_type === "display_data") fresh = message.content;
    };
    await request.done;
    const drawn = map.outputs.get(0)?.data["text/html"];
    if (!fresh || (map.trusted && fresh.data["text/html"] === drawn)) return;
    map.trusted = true;
    map.outputs.fromJSON([{ output_type: "display_data", data: fresh.data, metadata: fresh.metadata }]);
    await panel.context.save();
  };

  const plugin = async () => {
    const { ILauncher } = await lab("@jupyterlab/launcher");
    const { INotebookTracker } = await lab("@jupyterlab/notebook");
    const { notebookIcon } = await lab("@jupyterlab/ui-components");

    const activate = (app, launcher, tracker) => {
      const command = "threshold:start";
      app.commands.addCommand(command, {
        label: "Threshold: course map",
        caption: "What there is, how far you are, what is next",
        icon: notebookIcon,
        execute: () => app.commands.execute("docmanager:open", { path: START }),
      });
      const kernelIconUrl = `data:image/svg+xml,${encodeURIComponent(PICTURE)}`;
      launcher?.add({ command, kernelIconUrl, category: "Notebook", rank: -1 });
      tracker?.currentChanged.connect((_, panel) => {
        if (panel?.context.path === START) refresh(panel);
      });
    };

    return { id: "threshold-course:start", autoStart: true, optional: [ILauncher, INotebookTracker], activate };
  };

  window._JUPYTERLAB ??= {};
  window._JUPYTERLAB["threshold-course"] = {
    init: scope => { shared = scope; },
    get: async () => {
      const extension = { __esModule: true, default: await plugin() };
      return () => extension;
    },
  };
})();
