// The extension that JupyterLab 4 and Notebook 7 load: a module container written by hand, no bundler.
//
// In: the packages that the application shares. Out: the plugin, which makes `.misy` a file type with a
// language and reads every code cell that begins with `%%misy` as that language; a cell that does not is
// left to its own. Nothing is fetched but the two files beside this one.

(() => {
  let shared = {};

  // A shared package; the one that is in use already, or the only one there is.
  async function use(name) {
    const versions = Object.values(shared[name] ?? {});
    const found = versions.find((one) => one.loaded) ?? versions.at(-1);
    if (found === undefined) throw new Error(`misydsl: the application does not share ${name}`);
    return (await found.get())();
  }

  const MISY_CELL = /^(?:[ \t]*\r?\n)*%%misy(?![\w-])/;
  const isMisy = (doc) => MISY_CELL.test(doc.sliceString(0, 200));

  // Reads a cell as misy for as long as it begins with the magic.
  function cellExtension({ Compartment, EditorState, Prec }, support, source) {
    const language = new Compartment();
    const chosen = (is) => (is ? Prec.highest(support) : []);
    const choose = EditorState.transactionExtender.of((transaction) => {
      if (!transaction.docChanged) return null;
      const was = [language.get(transaction.startState)].flat().length > 0;
      const is = isMisy(transaction.newDoc);
      return is === was ? null : { effects: language.reconfigure(chosen(is)) };
    });
    return [language.of(chosen(MISY_CELL.test(source.slice(0, 200)))), choose];
  }

  async function extension() {
    const [{ misy }, { LanguageSupport, StreamLanguage }, state, codemirror] = await Promise.all([
      import("./tokenizer.js"),
      use("@codemirror/language"),
      use("@codemirror/state"),
      use("@jupyterlab/codemirror"),
    ]);
    const { EditorExtensionRegistry, IEditorExtensionRegistry, IEditorLanguageRegistry } = codemirror;
    const files = new LanguageSupport(StreamLanguage.define(misy()));
    const cells = new LanguageSupport(StreamLanguage.define(misy({ isCell: true })));
    const plugin = {
      id: "misydsl:highlighting",
      description: "Colours for %%misy cells and .misy files.",
      autoStart: true,
      requires: [IEditorLanguageRegistry, IEditorExtensionRegistry],
      activate(app, languages, extensions) {
        languages.addLanguage({
          name: "misy",
          displayName: "Misy",
          mime: "text/x-misy",
          extensions: ["misy"],
          support: files,
        });
        app.docRegistry.addFileType({
          name: "misy",
          displayName: "Misy pipeline",
          extensions: [".misy"],
          mimeTypes: ["text/x-misy"],
          fileFormat: "text",
          contentType: "file",
        });
        extensions.addExtension({
          name: "misy-cells",
          factory: ({ model }) =>
            model.type === "code"
              ? EditorExtensionRegistry.createImmutableExtension(
                  cellExtension(state, cells, model.sharedModel.getSource()),
                )
              : null,
        });
      },
    };
    return () => ({ __esModule: true, default: plugin });
  }

  (window._JUPYTERLAB ??= {}).misydsl = {
    init(scope) {
      shared = scope;
    },
    async get(name) {
      if (name !== "./extension") throw new Error(`misydsl has no module ${name}`);
      return extension();
    },
  };
})();
