// Prefs.set: kept by the desktop, so that a reload finds it again.
gadgets.Prefs.prototype.set = function (...pairs) {
  for (let at = 0; at + 1 < pairs.length; at += 2) {
    gadgets.lab.prefs[pairs[at]] = String(pairs[at + 1]);
    gadgets.lab.container?.setPref(gadgets.lab.boot.moduleId, pairs[at], String(pairs[at + 1]));
  }
};
gadgets.Prefs.prototype.setArray = function (name, values) {
  this.set(name, values.map((value) => String(value).replaceAll("|", "%7C")).join("|"));
};
