// tracker/src/tracker.ts
var OUT = "footfall.out", FILES = /\.(7z|csv|dmg|docx?|epub|exe|gz|iso|mp[34]|msi|pdf|pkg|pptx?|rar|txt|wav|xlsx?|zip)$/i, uuid = () => crypto.randomUUID?.() || URL.createObjectURL(new Blob()).slice(-36), kept = (value, name = "footfall") => {
  try {
    return value ? localStorage[name] = value : value == "" && delete localStorage[name], localStorage[name];
  } catch {
  }
}, start = (options, api) => {
  let queue = [], under = [], page = {}, counted = "", named = [], referrer = document.referrer, sending, wait = 0, isOut, isTold, userId, seen = 0, height = 0, engaged = 0, since = 0, kind = "footfall.queue." + (options.site || ""), isListed = (name, list = "") => list.includes(name), place = () => location.pathname + (isListed("query", options.count) ? location.search : "") + route(), route = () => {
    if (!isListed("hash", options.count)) return "";
    let hash = location.hash.replace(/^#!?\/?/, "/");
    return isListed("query", options.count) ? hash : hash.split("?")[0];
  }, here = (path, title) => ({
    url: location.href.split("#")[0],
    path: path || (route() ? location.pathname.replace(/\/$/, "") + route() : void 0),
    title,
    referrer: referrer.split("/")[2] == location.host ? "" : referrer
  }), add = (type, fields) => {
    let id = kept(), browser = navigator, signals = (browser.globalPrivacyControl || browser.doNotTrack == 1) && !id;
    {
      let reasons = {
        signals,
        webdriver: navigator.webdriver,
        localhost: /^(localhost|127\.|\[::1|$)/.test(location.hostname),
        iframe: self != top,
        optOut: isOut || kept(void 0, OUT)
      };
      for (let name in reasons)
        if (reasons[name] && !isListed(name, options.allow)) {
          isTold || console.info("footfall is off: " + (isTold = name));
          return;
        }
      try {
        fields = JSON.parse(JSON.stringify(fields || {}));
      } catch (error) {
        console.warn(error);
        return;
      }
    }
    queue.push({
      type,
      eventId: uuid(),
      timestamp: /* @__PURE__ */ new Date(),
      anonymousId: id,
      userId: id && userId,
      // Of a hidden tab no view is counted, but it may have moved on.
      page: page.url && counted == place() ? page : here(),
      context: { consent: id && "granted", screen: { width: screen.width, height: screen.height } },
      ...fields
    }), sending ||= setTimeout(send, 250);
  }, entitle = () => page.title ||= document.title, mayStore = () => options.offline || kept(), take = () => {
    try {
      queue = JSON.parse(kept(void 0, kind)).concat(queue);
    } catch {
    }
  }, store = () => (queue = under.splice(0).concat(queue), take(), clearTimeout(sending), sending = 0, queue[0] && kept(JSON.stringify(queue.slice(-100)), kind) && (queue = queue.slice(0, -100))), send = (cause) => {
    let isLeaving = cause == "pagehide";
    entitle();
    {
      let isFailing = wait || !navigator.onLine;
      if (cause && isFailing && (mayStore() && store() || !isLeaving)) return;
      mayStore() && (take(), kept("", kind));
    }
    if (sending = clearTimeout(sending), document.prerendering || !queue[0]) return;
    let batch = queue;
    queue = batch.splice(20);
    let body = JSON.stringify({ writeKey: options.site, sentAt: /* @__PURE__ */ new Date(), batch });
    for (; body[2e4] && batch[1]; )
      queue.unshift(...batch.splice(batch.length >> 1)), body = JSON.stringify({ writeKey: options.site, sentAt: /* @__PURE__ */ new Date(), batch });
    if (isLeaving && navigator.sendBeacon(api, body)) {
      send(cause);
      return;
    }
    let answered = (answer) => {
      answer.text?.().catch(Number);
      let sent = batch.splice(0);
      !isOut && /^5|408|429|u/.test(answer.status) ? (queue = sent.concat(queue), queue = queue.slice(-1e3), wait = answer.headers?.get("retry-after") * 1e3 || Math.min(wait * 2 || 1e3, 3e5), mayStore() && store()) : wait = 0, clearTimeout(sending), sending = (wait || queue[0]) && setTimeout(send, wait || 250);
    };
    under = batch, sending = fetch(api, { method: "POST", body, keepalive: !body[2e4] }).then(answered, answered), isLeaving && mayStore() && (wait ||= 1e3, store());
  }, view = (path, title, properties) => {
    entitle(), tell(), seen = height = engaged = 0;
    let isFirst = !counted;
    counted = place(), page = named[0] == counted ? here(path || named[1], title || named[2]) : here(path, title), add("pageview", { properties }), isFirst && performance.getEntriesByType("navigation")[0]?.responseStatus == 404 && auto("404"), referrer = "";
  }, check = () => {
    counted != place() && !document.hidden && !(isListed("pageview", options.off) && named[0] != place()) && view();
  }, settle = () => {
    entitle(), setTimeout(check);
  }, auto = (name, properties) => {
    isListed(name, options.off) || add("track", { event: { name, properties } });
  }, look = () => {
    let now = performance.now();
    since && (engaged += now - since), since = !document.hidden && document.hasFocus() ? now : 0, counted == place() && (seen = Math.max(seen, scrollY + innerHeight), height = document.documentElement.scrollHeight);
  }, tell = () => {
    look(), engaged > 1e3 && !isListed("engagement", options.off) && (add("engagement", { page: page.url ? page : void 0, properties: { engaged_ms: engaged | 0, scroll_depth: Math.min(100, seen / height * 100 | 0) || void 0 } }), engaged = 0);
  }, act = ({ type, target, button }) => {
    look();
    let isForm = type == "submit", link = isForm ? void 0 : target.closest?.("a[href],area[href]"), element = isForm ? target : target.closest?.("[data-footfall]:not(form)") || link;
    if (!element?.getAttributeNames || button > 1) return;
    let properties = { url: link?.href }, own;
    for (let name of element.getAttributeNames()) {
      let value = element.getAttribute(name);
      name == "data-footfall" ? own = value : /^data-footfall-/.test(name) && (properties[name.slice(14)] = value);
    }
    own ? footfall2.track(own, properties) : isForm ? auto("form", properties) : FILES.test(link?.pathname) ? auto("download", properties) : link?.host != location.host && /^http/.test(link?.protocol) && auto("outbound", properties);
  }, pulse = ({ type }) => {
    look(), check(), type == "pagehide" || document.hidden ? (tell(), send(type)) : (type == "online" || /^v/.test(type) && !sending) && send();
  }, footfall2 = {
    track(name, properties) {
      check(), add("track", { event: { name, properties } });
    },
    event(type, fields) {
      add(type, fields), document.hidden && send();
    },
    consent(answer) {
      kept(answer == "granted" ? kept() || uuid() : ""), kept() || kept("", kind);
    },
    site: options.site,
    pageview: view,
    name(path, title) {
      named = [place(), path, title], check(), counted == named[0] && (page.path = path, page.title = title || page.title);
    },
    identify(id, traits) {
      userId = id, kept() && add("identify", { traits });
    },
    reset() {
      userId = void 0, kept() && kept(uuid());
    },
    optOut(out = !0) {
      isOut = out, kept(out ? "1" : "", OUT), out && (footfall2.consent("denied"), queue = under = []);
    }
  }, on = addEventListener;
  on("visibilitychange", pulse), on("pagehide", pulse), on("pageshow", (event) => {
    event.persisted && (counted = "", isListed("pageview", options.off) && page.url && view(page.path, page.title), check());
  }), on("scroll", pulse), on("focus", pulse), on("blur", pulse), on("online", pulse), on("click", act, !0), on("auxclick", act, !0), on("submit", act, !0);
  let { navigation } = self;
  if (navigation) navigation.addEventListener("currententrychange", settle);
  else {
    on("popstate", settle);
    for (let name of ["pushState", "replaceState"]) {
      let original = history[name];
      history[name] = function(...given) {
        return settle(), original.apply(this, given);
      };
    }
  }
  return options.consent && footfall2.consent(options.consent), settle(), footfall2;
};

// tracker/src/index.ts
var live, waiting = [], call = (tracker, [method, given]) => tracker[method]?.(...given), later = (method) => (...given) => {
  live ? call(live, [method, given]) : typeof window == "object" && waiting.push([method, given]);
}, footfall = {
  init(settings) {
    if (live || typeof window > "u") return;
    let page = window, there = page.footfall;
    there && "event" in there ? (live = there, there.site != settings.site && console.warn("footfall counts for " + there.site + " already, not for " + settings.site)) : live = page.footfall = start(settings, settings.api);
    for (let queued of [...Array.isArray(there) ? there : [], ...waiting.splice(0)]) call(live, queued);
  },
  track: later("track"),
  pageview: later("pageview"),
  name: later("name"),
  identify: later("identify"),
  reset: later("reset"),
  consent: later("consent"),
  optOut: later("optOut"),
  event: later("event"),
  get site() {
    return live?.site;
  }
};
export {
  footfall
};
