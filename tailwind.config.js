// Only classes that the components use become CSS. Colors, sizes and type are in src/ui/styles/tokens.css.
module.exports = {
  content: ["./src/**/*.rs"],
};
