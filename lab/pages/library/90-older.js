// With the desktop's ?library=10.5 the library is that of 10.5.1: what came later is not in it (§3.8), it knows
// passwords alone, and a list of one is no list.
(function () {
  if (window.parent === window || window.parent.finesseContainer?.library !== "10.5") return;
  const { Config } = finesse.gadget;
  const services = finesse.containerservices.ContainerServices;
  const later = [
    [finesse.utilities.Utilities, ["getAuthHeaderString"]],
    [finesse.utilities, ["DesktopCache"]],
    [Config, ["authToken", "cceSkillTargetId", "deploymentType", "systemAuthMode", "language"]],
    [services, ["hideMyGadget", "showMyGadget", "enableTitleBar", "reloadMyGadget"]],
    [services.Topics, ["ACTIVE_CALL_STATUS_EVENT"]],
  ];
  for (const [holder, names] of later) for (const name of names) delete holder[name];
  finesse.restservices.Dialog.prototype.getParticipants = function () {
    return this._data.participants?.Participant;
  };
})();
