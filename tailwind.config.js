// Only what the components say becomes CSS. Colors, sizes and type are in src/ui/styles/tokens.css.
module.exports = {
  content: ["./src/**/*.rs"],
};
