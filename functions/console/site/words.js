// @ts-check
// Every word that the console says. Another language is a module of the same shape.

export const words = {
  shell: {pages: "Pages", skip: "Skip to the page", signOut: "Sign out"},
  places: {
    people: "People", assessments: "Assessments", review: "Review", new: "New recording", tasks: "Tasks",
    audit: "Audit", settings: "Settings", mine: "My results", access: "Who looked at my record",
  },
  roles: {patient: "Patient", clinician: "Clinician", admin: "Administrator", researcher: "Researcher"},
  states: {
    starting: "Starting …", loading: "Loading …", more: "Show more", tryAgain: "Try again",
    refused: "This was refused", broken: "The page could not be shown",
    brokenWhy: "This is a mistake of the console. Load the page again; if it stays, tell whoever runs MediLens.",
    offline: "No connection", offlineWhy: "The service could not be reached. Nothing was sent twice; try again when the network is back.",
    offlineBanner: "No network. What is on this page stays; nothing can be loaded or sent.",
    notFound: "No such page", notFoundWhy: "The address names nothing here.", saved: "Saved.", save: "Save", cancel: "Cancel",
  },
  signIn: {
    title: "Sign in", lead: "Measured, referenced, auditable biomarkers from clinical recordings.",
    button: "Sign in", confirm: "Confirm at the identity provider", privacy: "Your session stays in this tab's memory and ends after 15 minutes without use.",
    reasons: {
      idle: "You were signed out after 15 minutes without use.",
      expired: "Your session has ended. Sign in again; the page you were on comes back.",
      "signed-out": "You are signed out.",
    },
  },
  idle: {
    title: "Are you still there?", stay: "Stay signed in",
    why: (/** @type {number} */ s) => `You will be signed out in ${s} seconds, so that nobody else sees what is on this screen.`,
  },
  emergency: {
    open: "Emergency access is open.", why: "Everything you open is written down and will be reviewed.", end: "End it",
    title: "Emergency access", lead: "Opens one person's record to you for a short time. A colleague reviews every use.",
    person: "Person", personHint: "The id of the record; their page, where you may see it, fills it in", reason: "Why it cannot wait", minutes: "For how long", start: "Open the record",
    offered: "If this is an emergency, the record can be opened with a reason, which is reviewed.",
    toReview: "To be reviewed", reviewed: "Reviewed", noneDue: "No emergency awaits review.", noneDone: "None was reviewed yet.", own: "Somebody else reviews your own.",
    justify: "It was justified", reject: "It was not justified", list: "Your emergency accesses", none: "You have opened none.", endNow: "End now",
    openedAt: "Opened", expiresAt: "Ends", review: "Review", due: "awaits review", justified: "justified", unjustified: "not justified",
  },
  values: {
    upTo: (/** @type {string} */ high) => `up to ${high}`, from: (/** @type {string} */ low) => `from ${low}`,
    shownIn: (/** @type {string} */ zone) => `shown in ${zone}`, noRisk: "no rule of risk applies",
  },
  statuses: {
    normal: "Normal", low: "Low", high: "High", critical: "Critical", unclassified: "No range",
    completed: "Completed", failed: "Failed", pending: "Waiting", processing: "Being analyzed",
  },
  risks: {low: "Low risk", moderate: "Moderate risk", high: "High risk", critical: "Critical risk"},
  pipelines: {
    cardiology: "Electrocardiogram", speech: "Voice", cognitive: "Cognitive task", retinal: "Fundus photo",
    dermatology: "Skin lesion photo", radiology: "Chest X-ray",
  },
  pictures: {enlarge: "Enlarge", fit: "Fit to the page"},
  people: {
    title: "People", you: "You", search: "Search by name", searchHint: "The beginning of a first or last name; with a date of birth the whole last name",
    birth: "Date of birth", find: "Search", add: "Add a person", none: "Nobody is found by that.",
    nobody: "There is nobody yet.", nobodyWhy: "Add the first person to be examined; a login is not needed for that.",
    caption: "People", recent: "Recently examined", latest: "Latest recording", name: "Name", born: "Born", sex: "Sex at birth", since: "Since", inactive: "inactive",
  },
  person: {
    new: "Add a person", firstName: "First name", lastName: "Last name", birth: "Date of birth",
    sex: "Sex at birth", sexes: {"": "not stated", female: "female", male: "male", intersex: "intersex", unknown: "unknown"},
    identifier: "Identifier", identifierHint: "Such as a record number, with the system that gives it",
    system: "System", value: "Value", create: "Add", details: "Details", series: "Latest values",
    seriesWhy: "The newest completed assessment of every kind. A name opens its history.",
    noSeries: "Nothing was measured yet.", timeline: "Assessments", noTimeline: "No recording was analyzed yet.",
    record: "New recording", age: (/** @type {number} */ years) => `${years} years`, consents: "Consents", kind: "Agreed to",
    noConsents: "None was given.", given: "given", withdrawn: "withdrawn", withdraw: "Withdraw", give: "Record consent",
    kinds: {treatment: "Treatment", research: "Research", sharing: "Sharing", explanations: "Explanations by a model"},
    version: "Version of the text that was agreed to", careTeam: "Care team", assign: "Assign", endCare: "End the care", noCareTeam: "Nobody is assigned.",
    until: (/** @type {string} */ when) => `until ${when}`, access: "Who looked at this record",
    anyway: "It is somebody else: add them", mine: "My results", report: "Report (PDF)", invite: "Invite to sign in",
    mineWhy: "What was measured in your recordings. A professional reads these results with everything else that is known about you; ask them what a number means for you.",
  },
  assessments: {
    title: "Assessments", caption: "Assessments, newest first", listed: "Assessments, stored last first", none: "No assessment fits.", when: "Recorded", kind: "Kind",
    person: "Person", status: "Status", risk: "Risk", review: "Review", all: "all",
    due: "awaits review", done: "reviewed", notDue: "–", from: "Stored from", to: "Stored until", reset: "Show all",
  },
  assessment: {
    recorded: "Recorded", stored: "Stored", quality: "Quality of the recording",
    confidence: "Confidence", version: "Method", pictures: "Pictures", values: "Measured values", caption: "Measured values with their ranges",
    biomarker: "Biomarker", value: "Value", range: "Range", position: "Status", why: "Source", absent: "Not measured",
    absentCaption: "What could not be measured, and why", reason: "Reason", warnings: "Remarks", stagesCaption: "Stages of the analysis",
    stage: "Stage", took: "Took", provenance: "Provenance", risk: "Risk", riskCaption: "How the risk came about", rule: "Rule", points: "Points",
    review: "Review", dueFor: (/** @type {string} */ reason) => `To be reviewed for: ${reason}.`, signOff: "Sign off", note: "Note (optional)", signed: "Signed off", by: "by",
    print: "Print", pdf: "Report (PDF)", json: "Data (JSON)", fhir: "FHIR document", remove: "Delete this assessment", removeNow: "Delete", restore: "Bring it back",
    removeWhy: "It disappears for everybody and from every history. An administrator can bring it back.", result: "Findings",
    failed: "The recording could not be analyzed",
    limits: "Measurements and screening flags for a professional to review, not a diagnosis.", changed: "It was changed meanwhile. Load it again before you sign.",
    waiting: "The recording waits for its analysis. This page looks again every few seconds.",
  },
  explanation: {
    title: "In words", ask: "Explain this assessment", askHistory: "Explain this history", askSeries: "Explain what changed", facts: "The facts behind these sentences", factsCaption: "Facts of the record", fact: "Fact", what: "What", said: "As it is said",
    awaited: "A model is asked to choose the words, which take the place of these.", byModel: "A model chose these words.",
    late: "No model's words came so far.", used: "Used", yes: "yes", leftOut: (/** @type {string} */ names) => `Never part of the facts: ${names}.`,
  },
  conversation: {
    title: "Questions", begin: "Ask about this assessment", beginSeries: "Ask about these results", beginHistory: "Ask about this history", offered: "Questions that are answered", question: "Your question", ask: "Ask", you: "You", answer: "Answer", answering: "Answering …", gone: "What this rests on was deleted, or belongs to somebody else now.",
    lead: "Answers are sentences of this record's facts, of the last five years where they tell of a history. What you write is read by fixed patterns and sent to no language model.",
    readers: {
      patient: "Part of your record: whoever may read your record, such as your clinicians, reads what you write here, too. “Who looked at my record” shows when.",
      clinician: "Part of this person's record: whoever may read the record reads what you write here, and the person gets it with their export.",
    },
  },
  history: {
    chart: "Chart", table: "Values", caption: "Values, newest first", when: "Measured", value: "Value",
    change: "Change", days: "Period", period: (/** @type {number} */ days) => (days < 400 ? `${days} days` : `${Math.round(days / 365)} years`),
    none: "Nothing was measured in this period.", reference: "Reference", retest: "Reliable change",
    described: (/** @type {string} */ name, /** @type {number} */ count, /** @type {string} */ values, /** @type {string} */ unit) =>
      `${name}: ${count} ${count === 1 ? "value" : "values"}, ${values} ${unit}`,
    verdicts: {
      "first measurement": "first measurement", "no reliable change": "no reliable change", "reliable increase": "reliable increase ▲",
      "reliable decrease": "reliable decrease ▼", "not comparable": "not comparable", "retest error unknown": "retest error unknown",
    },
  },
  review: {
    title: "Review", lead: "Assessments that await a signature, newest first.", none: "Nothing awaits review.",
    keys: "Keys: J next, K previous, S sign off, N note, O open.", position: (/** @type {number} */ at, /** @type {number} */ of) => `${at} of ${of}`,
    signed: "Signed off.", next: "Next", previous: "Previous",
  },
  recording: {
    title: "New recording", kind: "What was recorded", who: "Whose recording", files: "Files", filesHint: "Several, where a format has several; or drop them here",
    folder: "A whole folder", formats: "Formats", when: "Recorded at", whenHint: "Left empty, the file's own time counts", send: "Analyze", stop: "Stop",
    sending: (/** @type {number} */ percent) => `Sending: ${percent} %`, analyzing: "Sent. Being analyzed …", hashing: "Reading the file …",
    byIdentifier: "Search by an identifier", optional: "optional", pick: "Choose somebody else",
  },
  tasks: {
    lead: "Short tasks of attention, speed and memory, done here with the keyboard.", task: "Task", start: "Begin", stop: "Stop the task", stopWhy: "Nothing of a stopped task is kept.",
    advice: "A keyboard, a quiet room, the whole screen. Values are compared with those of the same device alone: browsers and keyboards add tens of milliseconds.",
    keep: "Save the log", drop: "Discard the log",
    names: {
      simple_reaction: "Simple reaction (2 min)", pvt_brief: "Vigilance, PVT-B (4 min)", flanker: "Arrows, flanker (4 min)", stroop: "Ink, Stroop (5 min)", n_back: "Two back (5 min)",
      go_no_go: "Go and hold, go/no-go (4 min)", digit_span: "Digits, digit span (8 min)", finger_tapping: "Tapping (1 min)",
    },
  },
  developers: {
    title: "Endpoints", lead: "What programs ask, described and to be tried in your name.",
    hint: "A page that you open from here gets the token of your session, which acts as you, while this page stays open. What you try there is done and written down like anything else.",
  },
  microphone: {
    title: "Microphone", start: "Record", stop: "Stop", level: "Level", clipped: "Too loud: parts are cut off. Record again, further away.",
    low: "This microphone gives fewer than 26,000 samples per second; some voice measures will be absent.", seconds: "Seconds",
    left: (/** @type {number} */ s) => `${s} s left`, use: "Use this recording", again: "Record again", denied: "The browser gives no microphone.",
    got: (/** @type {string} */ rate) => `${rate} Hz, processing off`, processed: "This browser processes the sound, which changes some voice measures.", ready: "Recorded. Listen to it, then use it or record again.",
  },
  audit: {
    title: "Audit", caption: "Events, newest first", none: "No event fits.", when: "When", who: "Who", role: "Role", action: "Action", what: "What", outcome: "Outcome",
    subject: "Whose record", verify: "Verify the trail", intact: "The trail is as it was sealed.", broken: "The trail is not as it was sealed.",
    verified: (/** @type {number} */ to, /** @type {number} */ unsealed) => `Verified to entry ${to}; ${unsealed} not sealed yet.`, csv: "Download as CSV",
    actions: {create: "create", read: "read", update: "change", delete: "delete", restore: "restore", execute: "run"}, outcomes: {success: "done", denied: "refused"},
  },
  access: {
    title: "Who looked at my record", titleOf: "Who looked at this record", lead: "Every look at and change of the record, newest first. Ask about any that you do not expect.",
    caption: "Looks and changes, newest first", none: "Nobody else is among those who looked last.", own: "Show what I looked at myself, too", why: "Reason", ask: "Ask about this", question: "Your question", send: "Send",
    questions: "Questions", answer: "Answer", unanswered: "not answered yet", reply: "Answer",
  },
  settings: {
    title: "Settings", members: "Members", keys: "Service keys", organization: "Organization", invitations: "Invitations",
    membersCaption: "Members and their roles", name: "Name", email: "Mail", roles: "Roles", state: "State", active: "active", inactive: "deactivated",
    deactivate: "Deactivate", reactivate: "Reactivate", grant: "Give a role", revoke: "Take away", reason: "Reason", role: "Role", invite: "Invite", days: "Valid for days",
    keysCaption: "Service keys", scopes: "May", lastUsed: "Last used", never: "never", expires: "Ends", makeKey: "Make a key", revoked: "revoked",
    once: "Copy the key now. It is not shown again.", noKeys: "There is no key.", noInvitations: "Nobody is invited.",
    accepted: "accepted", recall: "Take back", emergencies: "Emergencies", who: "E-mail, or the name at the identity provider",
    ofPatient: "Whoever accepts this invitation signs in as this patient and sees their record.", timeZone: "Time zone", visibility: "Who sees whom", visibilities: {organization: "every clinician sees everybody", care_team: "clinicians see whom they are assigned to"},
    emergencyText: "What people are told in an emergency", emergencyHint: "Stands above questions, and is the first answer to one that sounds like an emergency",
  },
  /** Names whose words are not those of the API. @type {Record<string, string>} */
  names: {
    f0_mean: "Mean pitch", f0_range_st: "Pitch range", f0_sd: "Pitch SD", lf_hf_ratio: "LF/HF ratio", pause_max: "Longest pause", h1_h2: "H1-H2",
  },
  /** What is spelled another way than in names of the API. */
  phrases: ["d-prime", "n-back", "go/no-go"],
  /** @type {Record<string, string>} */
  abbreviations: {
    sdnn: "SDNN", rmssd: "RMSSD", pnn50: "pNN50", qt: "QT", qtc: "QTc", qrs: "QRS", pr: "PR", st: "ST", rr: "RR", hf: "HF", lf: "LF", vlf: "VLF",
    hnr: "HNR", f0: "F0", cpps: "CPPS", avqi: "AVQI", abi: "ABI", rt: "reaction time", sd: "standard deviation", cv: "coefficient of variation", ctr: "CTR", cdr: "CDR", av: "A/V", dfa: "DFA", pnn20: "pNN20",
    rap: "RAP", ppq5: "PPQ5", apq3: "APQ3", apq11: "APQ11", ddk: "DDK", pvt: "PVT", ssrt: "SSRT", h1: "H1", h2: "H2", dr: "DR", sd1: "SD1", sd2: "SD2", sdsd: "SDSD", af: "AF", ai: "AI", fhir: "FHIR", ant: "ANT", cpt: "CPT", sart: "SART",
    bazett: "(Bazett)", fridericia: "(Fridericia)", framingham: "(Framingham)", vcdr: "vertical cup-to-disc ratio", db: "in dB", mm: "in mm", mm2: "in mm²", px: "in pixels",
  },
};
