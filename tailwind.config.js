// Only what the components say becomes CSS. Colours, sizes and type are in src/ui/styles/tokens.css.
module.exports = {
  content: ["./src/**/*.rs"],
};
