export default {
  "time.just_now": "ahora mismo",
  "time.clock": "{minutes}:{seconds}",
  "time.hours": "{hours} h {minutes} min",
  "time.instant": "{day}, {time}",
  "count.points": { one: "{count} punto", many: "{count} de puntos", other: "{count} puntos" },
};
