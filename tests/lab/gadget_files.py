"""Gadget XML for tests: one that reports what its container gives it, and one of the least."""

FEATURES = ("pubsub-2", "setprefs", "settitle", "dynamic-height")
LIBRARY = (
    '<script src="/desktop/assets/js/jquery.min.js"></script><script src="/desktop/assets/js/finesse.js"></script>'
)


def gadget(html: str, *, features: tuple[str, ...] = FEATURES, head: str = "", prefs: str = "", views: str = "") -> str:
    """A whole Module; `head` goes into ModulePrefs, beside a Require for each feature."""
    required = "".join(f'<Require feature="{feature}"/>' for feature in features)
    view = f' view="{views}"' if views else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Module><ModulePrefs title="Probe">{required}{head}</ModulePrefs>'
        f'{prefs}<Content type="html"{view}><![CDATA[{html}]]></Content></Module>'
    )


EXCLUDE = '<Optional feature="content-rewrite"><Param name="exclude-url">{}</Param></Optional>'
OWN_SCRIPTS = EXCLUDE.format("/desktop/assets/")

# Writes down each thing it sees: `log` keeps the order in which things happen.
PROBE_SCRIPT = """
<p id="dialogs"></p><p id="state"></p><p id="seen"></p><p id="tabs"></p><p id="config"></p><p id="log"></p>
<script>
  function note(id, text) { document.getElementById(id).textContent += text + ";"; }
  gadgets.HubSettings.onConnect = function () {
    note("log", "hub");
    var config = finesse.gadget.Config;
    note("config", [config.id, config.extension, config.teamId, config.cceSkillTargetId, config.locale].join());
    finesse.clientservices.ClientServices.init(config);
    var containerServices = finesse.containerservices.ContainerServices.init();
    containerServices.addHandler(finesse.containerservices.ContainerServices.Topics.ACTIVE_TAB, function () {
      note("tabs", containerServices.getMyTabId());
    });
    containerServices.makeActiveTabReq();
    var user = new finesse.restservices.User({
      id: config.id,
      onChange: function (user) { note("state", user.getState()); },
      onLoad: function (user) {
        note("state", user.getState());
        user.getDialogs({
          onLoad: function (dialogs) { note("dialogs", "load " + Object.keys(dialogs.getCollection()).length); },
          onCollectionAdd: function (dialog) {
            note("dialogs", "add " + dialog.getFromAddress() + " " + dialog.getMediaProperties()["POD.ID"]);
            note("seen", String(Date.now()));
            dialog.addHandler("change", function (dialog) { note("dialogs", "change " + dialog.getState()); });
          },
          onCollectionDelete: function () { note("dialogs", "delete"); }
        });
      }
    });
  };
</script>
<script defer src="data:text/javascript,note('log','deferred')"></script>
<script type="module">note("log", "module");</script>
"""
PROBE_XML = gadget(
    LIBRARY + PROBE_SCRIPT,
    head=EXCLUDE.format("/desktop/assets/").replace(
        "</Optional>", '<Param name="exclude-url">data:</Param></Optional>'
    ),
)
PLAIN_XML = gadget("<p>plain</p>")
