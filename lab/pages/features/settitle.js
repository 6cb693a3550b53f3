gadgets.window = gadgets.window || {};
gadgets.window.setTitle = (title) => gadgets.lab.container?.setTitle(gadgets.lab.boot.moduleId, String(title));
