export default {
  "time.just_now": "à l’instant",
  "time.clock": "{minutes}:{seconds}",
  "time.hours": "{hours} h {minutes} min",
  "time.instant": "{day} à {time}",
  "count.points": { one: "{count} point", many: "{count} de points", other: "{count} points" },
};
