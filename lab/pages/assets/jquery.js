// A stand-in for the jQuery that Finesse hosts: the few functions that gadgets of old lean on.
(function () {
  "use strict";
  const jQuery = (what) => {
    if (typeof what === "function") {
      if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => what(jQuery));
      else setTimeout(() => what(jQuery), 0);
    }
    return typeof what === "string" ? [...document.querySelectorAll(what)] : what;
  };
  jQuery.fn = { jquery: "3.5.1" };
  jQuery.noConflict = () => jQuery;
  jQuery.isArray = Array.isArray;
  jQuery.trim = (text) => String(text ?? "").trim();
  jQuery.each = (list, run) => {
    for (const [key, value] of Object.entries(list || {})) if (run.call(value, key, value) === false) break;
    return list;
  };
  jQuery.extend = (...parts) => Object.assign(...parts.filter((part) => part !== true));
  window.jQuery = window.$ = jQuery;
})();
