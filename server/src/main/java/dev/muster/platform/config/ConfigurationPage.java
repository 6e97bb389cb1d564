package dev.muster.platform.config;

import java.util.Collection;

/** The reference page of the settings, {@code docs/configuration.md}, made from the settings themselves. */
public final class ConfigurationPage {
    private ConfigurationPage() {}

    public static String of(Collection<Setting<?>> catalog) {
        StringBuilder page = new StringBuilder("""
                # Configuration of the server

                Made from the settings in the code by `ConfigurationPageTest`; edit them there.

                A flag wins over a variable, a variable over `muster.yaml` in the data directory (or the file that
                `--config` names), the file over the default. Anything unknown or wrong stops the start, and all problems are
                told at once. `muster server --print-config` prints the effective values and where each comes from; secrets are
                masked.

                | key | flag | variable | value | default |
                |---|---|---|---|---|
                """);
        for (Setting<?> setting : catalog) {
            page.append("| `%s` | `%s` | `%s` | %s | %s |\n"
                    .formatted(
                            setting.key(),
                            setting.flagName(),
                            setting.variable(),
                            setting.kind(),
                            setting.defaultText().isEmpty() ? "" : "`" + setting.defaultText() + "`"));
        }
        page.append("\n## What each does\n\n");
        for (Setting<?> setting : catalog) {
            page.append("- `")
                    .append(setting.key())
                    .append("`: ")
                    .append(setting.sentence())
                    .append('\n');
        }
        return page.toString();
    }
}
