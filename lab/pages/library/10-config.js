// finesse.gadget.Config: who is signed in and where Finesse is. The credential lies where Finesse keeps it (§3.1).
finesse.gadget.Config = (function () {
  const container = (window.parent !== window && window.parent.finesseContainer) || { config: {} };
  return {
    ...container.config,
    get authorization() {
      return sessionStorage.getItem("userFinesseAuth") || undefined;
    },
    // Of single sign-on; the container rotates it, and it changes here with it.
    get authToken() {
      return container.token || undefined;
    },
    compatibilityMode: "false",
    scheme: location.protocol.slice(0, -1),
    host: location.hostname,
    hostPort: location.port,
    restHost: location.hostname,
    localhostPort: location.port,
    localhostFQDN: location.hostname,
  };
})();
