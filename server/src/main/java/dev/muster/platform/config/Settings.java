package dev.muster.platform.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The effective settings: of each known key the value and where it comes from. Read with {@link SettingsReader}. */
public final class Settings {
    private final Map<String, Value> values;

    private Settings(Map<String, Value> values) {
        this.values = values;
    }

    /** For tests: the defaults of the catalog, with some keys set. */
    public static Settings of(List<Setting<?>> catalog, Map<String, String> set) {
        List<String> flags = new ArrayList<>();
        set.forEach((key, value) -> flags.add("--" + key + "=" + value));
        return new SettingsReader(catalog).read(flags, Map.of());
    }

    static Settings of(Map<Setting<?>, Text> texts, List<String> problems) {
        Map<String, Value> values = new LinkedHashMap<>();
        texts.forEach((setting, text) -> {
            try {
                values.put(
                        setting.key(), new Value(setting, text, setting.parser().apply(text.text())));
            } catch (IllegalArgumentException e) {
                problems.add(text.origin() + ": " + setting.key() + " is "
                        + (setting.secret() ? "set to something" : "'" + text.text() + "'") + " and " + e.getMessage());
            }
        });
        return new Settings(values);
    }

    @SuppressWarnings("unchecked") // the parser of the same setting made the value
    public <T> T get(Setting<T> setting) {
        return (T) Objects.requireNonNull(value(setting).parsed(), setting.key());
    }

    /** Whether someone gave a value, be it the default's. */
    public boolean isSet(Setting<?> setting) {
        return !value(setting).text().origin().equals(Text.DEFAULT);
    }

    /** One line per setting: key, value, origin; secrets are masked. */
    public String print() {
        StringBuilder text = new StringBuilder();
        values.values().forEach(value -> text.append(value.print()).append('\n'));
        return text.toString();
    }

    private Value value(Setting<?> setting) {
        Value value = values.get(setting.key());
        if (value == null) {
            throw new IllegalStateException("setting " + setting.key() + " is not in the catalog of this program");
        }
        return value;
    }

    /** @param origin a flag, a variable, a file, or {@link #DEFAULT} */
    record Text(String text, String origin) {
        static final String DEFAULT = "default";
    }

    private record Value(Setting<?> setting, Text text, Object parsed) {
        String print() {
            String shown = setting.secret() && !text.text().isEmpty() ? "********" : text.text();
            return setting.key() + ": " + (shown.isEmpty() ? "''" : shown) + "  # " + text.origin();
        }
    }
}
