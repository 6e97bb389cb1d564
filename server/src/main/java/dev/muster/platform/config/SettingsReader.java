package dev.muster.platform.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Reads settings: flags win over {@code MUSTER_*} variables, these over {@code muster.yaml}, this over defaults.
 * Anything unknown or wrong is a problem, and all problems are told at once.
 */
public final class SettingsReader {
    public static final Setting<Path> DATA_DIR =
            Setting.path("data-dir", ".muster", "Folder that holds everything the server keeps.");
    public static final Setting<String> CONFIG =
            Setting.text("config", "", "Path of the settings file; empty means muster.yaml in the data directory.");

    private static final long MAX_FILE_BYTES = 1 << 20;
    private static final String VARIABLE_PREFIX = "MUSTER_";

    /** Variables that other programs of Muster read; no server setting, and no mistake. */
    private static final List<String> VARIABLES_OF_OTHERS = List.of(
            "MUSTER_SERVER",
            "MUSTER_TOKEN",
            "MUSTER_HOME",
            "MUSTER_JAVA_OPTS",
            "MUSTER_KEY_PASSPHRASE",
            "MUSTER_SIGNING_KEY");

    private final Map<String, Setting<?>> catalog = new LinkedHashMap<>();

    public SettingsReader(Collection<Setting<?>> catalog) {
        add(DATA_DIR);
        add(CONFIG);
        catalog.forEach(this::add);
    }

    private void add(Setting<?> setting) {
        Setting<?> other = this.catalog.putIfAbsent(setting.key(), setting);
        if (other != null && !other.equals(setting)) {
            throw new IllegalStateException("setting " + setting.key() + " is in the catalog twice");
        }
    }

    public Collection<Setting<?>> catalog() {
        return catalog.values();
    }

    /**
     * @param arguments {@code --key=value} or {@code --key value}
     * @throws SettingsException with every problem
     */
    public Settings read(List<String> arguments, Map<String, String> environment) {
        List<String> problems = new ArrayList<>();
        Map<String, Settings.Text> flags = flags(arguments, problems);
        Map<String, Settings.Text> variables = variables(environment, problems);
        Map<String, Settings.Text> file = file(flags, variables, problems);

        Map<Setting<?>, Settings.Text> texts = new LinkedHashMap<>();
        for (Setting<?> setting : catalog.values()) {
            texts.put(setting, effective(setting, List.of(flags, variables, file)));
        }
        Settings settings = Settings.of(texts, problems);
        if (!problems.isEmpty()) {
            throw new SettingsException(problems);
        }
        return settings;
    }

    private Map<String, Settings.Text> flags(List<String> arguments, List<String> problems) {
        Map<String, Settings.Text> found = new LinkedHashMap<>();
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (!argument.startsWith("--") || argument.length() < 3) {
                problems.add("'" + argument + "' is not a flag; flags look like --data-dir=PATH");
                continue;
            }
            int equals = argument.indexOf('=');
            String key = argument.substring(2, equals < 0 ? argument.length() : equals);
            if (!catalog.containsKey(key)) {
                problems.add("flag --" + key + " is not known" + suggestion(key, "--"));
                // its value, if it has one, is no flag of its own
                i += equals < 0
                                && i + 1 < arguments.size()
                                && !arguments.get(i + 1).startsWith("--")
                        ? 1
                        : 0;
                continue;
            }
            String value;
            if (equals >= 0) {
                value = argument.substring(equals + 1);
            } else if (i + 1 < arguments.size() && !arguments.get(i + 1).startsWith("--")) {
                value = arguments.get(++i);
            } else {
                problems.add("flag --" + key + " has no value; write --" + key + "=VALUE");
                continue;
            }
            if (found.put(key, new Settings.Text(value, "flag --" + key)) != null) {
                problems.add("flag --" + key + " is given twice");
            }
        }
        return found;
    }

    private Map<String, Settings.Text> variables(Map<String, String> environment, List<String> problems) {
        Map<String, Settings.Text> found = new LinkedHashMap<>();
        new TreeMap<>(environment).forEach((name, value) -> {
            if (!name.startsWith(VARIABLE_PREFIX) || VARIABLES_OF_OTHERS.contains(name)) {
                return;
            }
            String key = name.substring(VARIABLE_PREFIX.length())
                    .toLowerCase(Locale.ROOT)
                    .replace('_', '-');
            Setting<?> setting = catalog.get(key);
            if (setting == null || !setting.variable().equals(name)) {
                problems.add("variable " + name + " is not known"
                        + nearest(key)
                                .map(near -> "; did you mean " + near.variable() + "?")
                                .orElse(""));
                return;
            }
            found.put(key, new Settings.Text(value, "variable " + name));
        });
        return found;
    }

    private Map<String, Settings.Text> file(
            Map<String, Settings.Text> flags, Map<String, Settings.Text> variables, List<String> problems) {
        Settings.Text named = effective(CONFIG, List.of(flags, variables));
        Path path;
        try {
            path = named.text().isEmpty()
                    ? Path.of(effective(DATA_DIR, List.of(flags, variables)).text())
                            .resolve("muster.yaml")
                    : Path.of(named.text());
        } catch (IllegalArgumentException e) {
            return Map.of(); // told when the setting itself is parsed
        }
        if (!Files.exists(path)) {
            if (!named.text().isEmpty()) {
                problems.add(named.origin() + ": settings file " + path + " does not exist");
            }
            return Map.of();
        }
        return fileEntries(path, problems);
    }

    private Map<String, Settings.Text> fileEntries(Path path, List<String> problems) {
        Map<?, ?> entries;
        try {
            if (Files.size(path) > MAX_FILE_BYTES) {
                problems.add("settings file " + path + " is larger than " + MAX_FILE_BYTES + " bytes");
                return Map.of();
            }
            String text = Files.readString(path);
            if (text.lines()
                    .allMatch(line -> line.isBlank() || line.stripLeading().startsWith("#"))) {
                return Map.of();
            }
            entries = new YAMLMapper().readValue(text, Map.class);
        } catch (java.io.IOException e) {
            problems.add("settings file " + path + " cannot be read: " + e.getMessage());
            return Map.of();
        } catch (JacksonException e) {
            var where = e.getLocation();
            problems.add("settings file " + path
                    + (where == null ? "" : ", line " + where.getLineNr())
                    + ": not YAML of the form 'key: value' ("
                    + e.getOriginalMessage().lines().findFirst().orElse("")
                    + ")");
            return Map.of();
        }
        Map<String, Settings.Text> found = new LinkedHashMap<>();
        entries.forEach((entry, value) -> {
            String key = String.valueOf(entry);
            String origin = "file " + path;
            if (!catalog.containsKey(key)) {
                problems.add(origin + ": key '" + key + "' is not known" + suggestion(key, ""));
            } else if (key.equals(DATA_DIR.key()) || key.equals(CONFIG.key())) {
                problems.add(origin + ": " + key + " can only be given as flag or variable, the file is found by it");
            } else if (value instanceof Map) {
                problems.add(origin + ": " + key + " must be a single value, found a map");
            } else {
                found.put(key, new Settings.Text(fileText(value), origin));
            }
        });
        return found;
    }

    private static String fileText(@Nullable Object value) {
        if (value instanceof Collection<?> items) {
            return items.stream().map(String::valueOf).collect(Collectors.joining(","));
        }
        return value == null ? "" : value.toString();
    }

    private String suggestion(String key, String prefix) {
        return nearest(key)
                .map(near -> "; did you mean " + prefix + near.key() + "?")
                .orElse("; the known ones are in docs/configuration.md");
    }

    private Optional<Setting<?>> nearest(String key) {
        Setting<?> best = null;
        int bestDistance = Math.max(2, key.length() / 3) + 1;
        for (Setting<?> setting : catalog.values()) {
            int distance = distance(key, setting.key());
            if (distance < bestDistance) {
                best = setting;
                bestDistance = distance;
            }
        }
        return Optional.ofNullable(best);
    }

    /** Levenshtein's distance. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }

    private static Settings.Text effective(Setting<?> setting, List<Map<String, Settings.Text>> layers) {
        for (Map<String, Settings.Text> layer : layers) {
            Settings.Text text = layer.get(setting.key());
            if (text != null) {
                return text;
            }
        }
        return new Settings.Text(setting.defaultText(), Settings.Text.DEFAULT);
    }
}
