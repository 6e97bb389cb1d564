package dev.muster.agent.settings;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The effective settings: of each known key the value and where it comes from. Read with {@link SettingsReader}. */
public final class AgentSettings {
    private final Map<String, Value> values;

    private AgentSettings(Map<String, Value> values) {
        this.values = values;
    }

    static AgentSettings of(Map<Setting<?>, Text> texts, List<String> problems) {
        Map<String, Value> values = new LinkedHashMap<>();
        texts.forEach((setting, text) -> {
            try {
                Object parsed = setting.parser().apply(text.text());
                values.put(setting.key(), new Value(setting, text, parsed));
            } catch (IllegalArgumentException e) {
                String found = setting.secret() ? "set to something" : "'" + text.text() + "'";
                problems.add(text.origin() + ": " + setting.key() + " is " + found + " and " + e.getMessage());
            }
        });
        return new AgentSettings(values);
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
        List<String> lines = new ArrayList<>();
        values.values().forEach(value -> lines.add(value.print()));
        return String.join("\n", lines);
    }

    private Value value(Setting<?> setting) {
        Value value = values.get(setting.key());
        if (value == null) {
            throw new IllegalStateException("setting " + setting.key() + " is not in the catalog of the agent");
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
