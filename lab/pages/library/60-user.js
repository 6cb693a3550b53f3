finesse.restservices.User = class extends finesse.restservices.Handlers {
  static States = Object.fromEntries(
    ["LOGIN", "LOGOUT", "NOT_READY", "READY", "RESERVED", "RESERVED_OUTBOUND", "RESERVED_OUTBOUND_PREVIEW", "TALKING",
      "HOLD", "WORK", "WORK_READY"].map((state) => [state, state]),
  );

  #loaded = false;

  constructor(options) {
    super(options, { onLoad: "load", onChange: "change", onError: "error", onAdd: "add", onDelete: "delete" });
    this._id = options.id;
    this._data = {};
    this._follow((update) => this.#changed(update));
  }

  // The first read that succeeds fires `load`, later ones `change`.
  async refresh() {
    try {
      const { ask } = finesse.clientservices.ClientServices;
      this._data = finesse.fromXml(await ask(this.getRestUrl())).User;
    } catch (fault) {
      return this._fire("error", fault);
    }
    const first = !this.#loaded;
    this.#loaded = true;
    this._fire(first ? "load" : "change", this);
  }

  #changed(update) {
    if (!update.data.user) return;
    this._data = update.data.user;
    this._fire("change", this);
  }

  getId() { return this._id; }
  getRestUrl() { return `/finesse/api/User/${encodeURIComponent(this._id)}`; }
  getLoginId() { return this._data.loginId; }
  getLoginName() { return this._data.loginName; }
  getFirstName() { return this._data.firstName; }
  getLastName() { return this._data.lastName; }
  getFullName() { return `${this._data.firstName} ${this._data.lastName}`; }
  getExtension() { return this._data.extension; }
  getState() { return this._data.state; }
  getTeamId() { return this._data.teamId; }
  getTeamName() { return this._data.teamName; }
  getMediaType() { return this._data.mediaType; }
  getRoles() { return finesse.listOf(this._data.roles?.role); }
  hasRole(name) { return this.getRoles().some((role) => role.toLowerCase() === name.toLowerCase()); }
  hasAgentRole() { return this.hasRole("Agent"); }
  hasSupervisorRole() { return this.hasRole("Supervisor"); }
  getSupervisedTeams() { return finesse.listOf(this._data.teams?.Team); }
  getDialogs(options = {}) { return new finesse.restservices.Dialogs({ ...options, parentObj: this }); }

  setState(state, _reason, options = {}) {
    finesse.clientservices.ClientServices.ask(this.getRestUrl(), "PUT", `<User><state>${state}</state></User>`)
      .then(() => options.success?.({ status: 202 }), (fault) => options.error?.(fault));
  }
};
