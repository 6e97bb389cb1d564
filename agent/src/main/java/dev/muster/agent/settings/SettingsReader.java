package dev.muster.agent.settings;

import dev.muster.agent.settings.AgentSettings.Text;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Reads settings: flags win over {@code MUSTER_AGENT_*} variables, these over {@code agent.yaml}, this over defaults.
 * Anything unknown or wrong is a problem, and all problems are told at once.
 */
public final class SettingsReader {
    public static final String VARIABLE_PREFIX = "MUSTER_AGENT_";
    public static final Setting<Path> CONFIG = Setting.path(
            "config", "/etc/muster-agent/agent.yaml", "The settings file; it may be missing where nobody names it.");

    private static final long MAX_FILE_BYTES = 1 << 20;

    private final Map<String, Setting<?>> catalog = new LinkedHashMap<>();

    public SettingsReader(Collection<Setting<?>> catalog) {
        this.catalog.put(CONFIG.key(), CONFIG);
        catalog.forEach(setting -> this.catalog.put(setting.key(), setting));
    }

    /**
     * @param arguments {@code --key=value} or {@code --key value}
     * @throws SettingsException with every problem
     */
    public AgentSettings read(List<String> arguments, Map<String, String> environment) {
        List<String> problems = new ArrayList<>();
        Map<String, Text> flags = flags(arguments, problems);
        Map<String, Text> variables = variables(environment, problems);
        Map<String, Text> file = file(effective(CONFIG, List.of(flags, variables)), problems);

        Map<Setting<?>, Text> texts = new LinkedHashMap<>();
        for (Setting<?> setting : catalog.values()) {
            texts.put(setting, effective(setting, List.of(flags, variables, file)));
        }
        AgentSettings settings = AgentSettings.of(texts, problems);
        if (!problems.isEmpty()) {
            throw new SettingsException(problems);
        }
        return settings;
    }

    private Map<String, Text> flags(List<String> arguments, List<String> problems) {
        Map<String, Text> found = new LinkedHashMap<>();
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (!argument.startsWith("--") || argument.length() < 3) {
                problems.add("'" + argument + "' is not a flag; flags look like --state-dir=PATH");
                continue;
            }
            int equals = argument.indexOf('=');
            String key = argument.substring(2, equals < 0 ? argument.length() : equals);
            boolean valueFollows = equals < 0
                    && i + 1 < arguments.size()
                    && !arguments.get(i + 1).startsWith("--");
            String value = equals >= 0 ? argument.substring(equals + 1) : valueFollows ? arguments.get(++i) : null;
            if (!catalog.containsKey(key)) {
                problems.add("flag --" + key + " is not known" + known());
            } else if (value == null) {
                problems.add("flag --" + key + " has no value; write --" + key + "=VALUE");
            } else if (found.put(key, new Text(value, "flag --" + key)) != null) {
                problems.add("flag --" + key + " is given twice");
            }
        }
        return found;
    }

    private Map<String, Text> variables(Map<String, String> environment, List<String> problems) {
        Map<String, Text> found = new LinkedHashMap<>();
        new TreeMap<>(environment).forEach((name, value) -> {
            if (!name.startsWith(VARIABLE_PREFIX)) {
                return;
            }
            String key = name.substring(VARIABLE_PREFIX.length())
                    .toLowerCase(Locale.ROOT)
                    .replace('_', '-');
            if (catalog.containsKey(key)) {
                found.put(key, new Text(value, "variable " + name));
            } else {
                problems.add("variable " + name + " is not known" + known());
            }
        });
        return found;
    }

    private Map<String, Text> file(Text named, List<String> problems) {
        Path path = Path.of(named.text());
        if (!Files.exists(path)) {
            if (!named.origin().equals(Text.DEFAULT)) {
                problems.add(named.origin() + ": settings file " + path + " does not exist");
            }
            return Map.of();
        }
        Map<String, Text> found = new LinkedHashMap<>();
        String origin = "file " + path;
        entries(path, problems).forEach((entry, value) -> {
            String key = String.valueOf(entry);
            if (!catalog.containsKey(key) || key.equals(CONFIG.key())) {
                problems.add(origin + ": key '" + key + "' is not known" + known());
            } else if (value instanceof Map) {
                problems.add(origin + ": " + key + " must be a single value, found a map");
            } else {
                found.put(key, new Text(text(value), origin));
            }
        });
        return found;
    }

    private static Map<?, ?> entries(Path path, List<String> problems) {
        try {
            if (Files.size(path) > MAX_FILE_BYTES) {
                problems.add("settings file " + path + " is larger than " + MAX_FILE_BYTES + " bytes");
                return Map.of();
            }
            String text = Files.readString(path);
            boolean empty = text.lines()
                    .allMatch(line -> line.isBlank() || line.stripLeading().startsWith("#"));
            return empty ? Map.of() : new YAMLMapper().readValue(text, Map.class);
        } catch (IOException e) {
            problems.add("settings file " + path + " cannot be read: " + e.getMessage());
        } catch (JacksonException e) {
            problems.add("settings file " + path + " is not YAML of the form 'key: value' ("
                    + e.getOriginalMessage().lines().findFirst().orElse("") + ")");
        }
        return Map.of();
    }

    private static String text(@Nullable Object value) {
        if (value instanceof Collection<?> items) {
            return items.stream().map(String::valueOf).collect(Collectors.joining(","));
        }
        return value == null ? "" : value.toString();
    }

    private String known() {
        return "; known are " + String.join(", ", catalog.keySet());
    }

    private static Text effective(Setting<?> setting, List<Map<String, Text>> layers) {
        for (Map<String, Text> layer : layers) {
            Text text = layer.get(setting.key());
            if (text != null) {
                return text;
            }
        }
        return new Text(setting.defaultText(), Text.DEFAULT);
    }
}
