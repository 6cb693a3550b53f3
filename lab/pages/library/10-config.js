// finesse.gadget.Config: who is signed in and where Finesse is. The credential lies where Finesse keeps it (§1.8).
finesse.gadget.Config = (function () {
  const told = window.parent !== window && window.parent.finesseContainer ? window.parent.finesseContainer.config : {};
  return {
    ...told,
    get authorization() {
      return sessionStorage.getItem("userFinesseAuth") || undefined;
    },
    authToken: undefined,
    compatibilityMode: "false",
    scheme: location.protocol.slice(0, -1),
    host: location.hostname,
    hostPort: location.port,
    restHost: location.hostname,
    localhostPort: location.port,
    localhostFQDN: location.hostname,
  };
})();
