finesse.restservices.Dialog = class extends finesse.restservices.Handlers {
  static Actions = { ANSWER: "ANSWER", HOLD: "HOLD", RETRIEVE: "RETRIEVE", DROP: "DROP" };
  static States = {
    ALERTING: "ALERTING", INITIATING: "INITIATING", INITIATED: "INITIATED", ACTIVE: "ACTIVE", ACCEPTED: "ACCEPTED",
    FAILED: "FAILED", DROPPED: "DROPPED",
  };
  static ParticipantStates = {
    ALERTING: "ALERTING", INITIATING: "INITIATING", INITIATED: "INITIATED", ACTIVE: "ACTIVE", HELD: "HELD",
    WRAP_UP: "WRAP_UP", ACCEPTED: "ACCEPTED", FAILED: "FAILED", DROPPED: "DROPPED",
  };

  constructor(data) {
    super({}, {});
    this._data = data;
  }

  getId() { return this._data.id; }
  getRestUrl() { return `/finesse/api/Dialog/${this._data.id}`; }
  getState() { return this._data.state; }
  getMediaType() { return this._data.mediaType; }
  getFromAddress() { return this._data.fromAddress; }
  getToAddress() { return this._data.toAddress; }
  getAssociatedDialogUri() { return this._data.associatedDialogUri; }
  getCallType() { return this._data.mediaProperties?.callType; }
  getDNIS() { return this._data.mediaProperties?.DNIS; }
  getDialedNumber() { return this._data.mediaProperties?.dialedNumber; }
  getParticipants() { return finesse.listOf(this._data.participants?.Participant); }

  // As Finesse 10.5 does it: a single CallVariable is not wrapped, and only an `undefined` key is left (§3.3).
  getMediaProperties() {
    const { callvariables, ...rest } = this._data.mediaProperties || {};
    const map = { ...rest };
    for (const each of Object.values(callvariables?.CallVariable || {})) map[each?.name] = each?.value;
    return map;
  }

  _replace(data) {
    this._data = data;
    this._fire("change", this);
  }
};

finesse.restservices.Dialogs = class extends finesse.restservices.Handlers {
  #collection = {};
  #loaded = false;

  constructor(options) {
    super(options, {
      onLoad: "load", onChange: "change", onError: "error", onCollectionAdd: "collectionAdd",
      onCollectionDelete: "collectionDelete",
    });
    this._url = `/finesse/api/User/${options.parentObj.getId()}/Dialogs`;
    gadgets.Hub.subscribe(finesse.clientservices.Topics.CONNECTION_STATUS, (_topic, data) => {
      if (data.status === "recovered") this.refresh();
    });
    this._follow((update) => this.#heard(update));
  }

  getRestUrl() { return this._url; }
  getCollection() { return this.#collection; }
  isLoaded() { return this.#loaded; }

  // The first read fills the collection and fires only `load`; later ones tell what came and went (§3.2).
  async refresh() {
    let listed;
    try {
      const text = await finesse.clientservices.ClientServices.ask(this._url);
      listed = finesse.listOf(finesse.fromXml(text).Dialogs?.Dialog);
    } catch (fault) {
      return this._fire("error", fault);
    }
    const first = !this.#loaded;
    this.#loaded = true;
    for (const id of Object.keys(this.#collection)) if (!listed.some((data) => data.id === id)) this.#remove(id);
    for (const data of listed) this.#put(data, first);
    if (first) this._fire("load", this);
  }

  // What is about the collection comes and goes; all else on its node is a change of one that is in it (§3.7). What
  // comes before the first read has succeeded loads the collection, with nothing else in it (§3.2).
  #heard(update) {
    if (update.source !== this._url) return this.#collection[update.data.dialog?.id]?._replace(update.data.dialog);
    const first = !this.#loaded;
    for (const data of finesse.listOf(update.data.dialogs?.Dialog)) {
      if (update.event === "DELETE") this.#remove(data.id);
      else this.#put(data, first);
    }
    this.#loaded = true;
    if (first) this._fire("load", this);
  }

  #put(data, quietly) {
    const known = this.#collection[data.id];
    if (known) return known._replace(data);
    const dialog = new finesse.restservices.Dialog(data);
    this.#collection[data.id] = dialog;
    if (!quietly) this._fire("collectionAdd", dialog);
  }

  #remove(id) {
    const dialog = this.#collection[id];
    if (!dialog) return;
    delete this.#collection[id];
    dialog._fire("delete", dialog);
    this._fire("collectionDelete", dialog);
  }
};
