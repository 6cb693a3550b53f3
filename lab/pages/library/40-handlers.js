// Handlers by name, as every REST object of Finesse has them: load, change, add, delete, error.
finesse.restservices.Handlers = class {
  #handlers = new Map();

  constructor(options, names) {
    for (const [option, name] of Object.entries(names)) if (options[option]) this.addHandler(name, options[option]);
  }

  addHandler(name, run, scope) {
    const bound = scope ? run.bind(scope) : run;
    bound.original = run;
    this.#handlers.set(name, [...(this.#handlers.get(name) || []), bound]);
  }

  removeHandler(name, run) {
    this.#handlers.set(name, (this.#handlers.get(name) || []).filter((each) => each !== run && each.original !== run));
  }

  // Updates about this object, then its first read. Where another object holds the topic, nothing is asked (§3.2).
  _follow(hear) {
    const { getTopic, subscribe } = finesse.clientservices.ClientServices;
    if (!subscribe(getTopic(this.getRestUrl()), hear)) return this._fire("error");
    this.refresh();
  }

  unsubscribe() {
    const { getTopic, unsubscribe } = finesse.clientservices.ClientServices;
    unsubscribe(getTopic(this.getRestUrl()));
  }

  // A handler that throws must not keep the others from running; the fault is still seen.
  _fire(name, argument) {
    for (const run of this.#handlers.get(name) || []) {
      try {
        run(argument);
      } catch (fault) {
        reportError(fault);
      }
    }
  }
};
