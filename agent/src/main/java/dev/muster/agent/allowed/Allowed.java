package dev.muster.agent.allowed;

import dev.muster.agent.config.Fields;
import dev.muster.agent.slot.AppDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * What the owner of an asset lets its server do, read once from a local file. Without it the server can configure the agent
 * itself, and nothing else: a server that fell into wrong hands must not have every asset with it.
 *
 * <pre>
 * files:
 *   roots: [/etc/motd, /opt/app/conf]                     # managed files lie in or below
 *   programs: [[systemctl, reload, "*"], [nginx, -t, -c, "*"]]   # checks and reloads; * is one argument
 * apps:                                                   # what is installed in slots, and how it runs
 *   app: {start: [./run.sh], health: {http: "http://127.0.0.1:8081/healthz"}}
 * appsFromServer: false                                   # may the server say how further ones run?
 * run:
 *   disk-usage: {argv: [df, -h, "{path}"], args: {path: "/[a-z/]*"}, timeoutSeconds: 30}
 * logs: {app: /var/log/app.log}
 * reboot: [systemctl, reboot]
 * wipe: true
 * onConfigChange: [/opt/app/bin/reread]                   # told of the part of the configuration that is for applications
 * </pre>
 *
 * @param fileRoots absolute
 * @param programs each a pattern of one command line
 * @param apps by component
 * @param run by name
 * @param logs by name
 * @param reboot empty where it is not allowed
 * @param onConfigChange empty where there is none
 */
public record Allowed(
        List<Path> fileRoots,
        List<List<String>> programs,
        Map<String, AppDefinition> apps,
        boolean appsFromServer,
        Map<String, Listed> run,
        Map<String, Path> logs,
        List<String> reboot,
        boolean wipe,
        List<String> onConfigChange) {

    private static final long MAX_FILE_BYTES = 1 << 20;

    public Allowed {
        fileRoots = List.copyOf(fileRoots);
        programs = List.copyOf(programs);
        apps = Map.copyOf(apps);
        run = Map.copyOf(run);
        logs = Map.copyOf(logs);
        reboot = List.copyOf(reboot);
        onConfigChange = List.copyOf(onConfigChange);
    }

    /**
     * A program that the command {@code run} may run.
     *
     * @param argv {@code {name}} stands for an argument, also within a word; there is no shell
     * @param args the whole of each argument must match; there are no others
     */
    public record Listed(List<String> argv, Map<String, Pattern> args, int timeoutSeconds) {
        public Listed {
            argv = List.copyOf(argv);
            args = Map.copyOf(args);
        }
    }

    public static Allowed nothing() {
        return new Allowed(List.of(), List.of(), Map.of(), false, Map.of(), Map.of(), List.of(), false, List.of());
    }

    /**
     * @return nothing where there is no such file
     * @throws IOException with every problem of the file
     */
    public static Allowed read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return nothing();
        }
        if (Files.size(file) > MAX_FILE_BYTES) {
            throw new IOException("file " + file + " is larger than " + MAX_FILE_BYTES + " bytes");
        }
        List<String> problems = new ArrayList<>();
        Allowed allowed = nothing();
        try {
            JsonNode root = YAMLMapper.builder().build().readTree(file.toFile());
            allowed = root.isMissingNode() || root.isNull() ? nothing() : parse(root, problems);
        } catch (JacksonException e) {
            problems.add("it is not YAML: " + e.getOriginalMessage());
        }
        if (!problems.isEmpty()) {
            throw new IOException("file " + file + " has " + problems.size()
                    + (problems.size() == 1 ? " problem" : " problems") + ":\n  - " + String.join("\n  - ", problems));
        }
        return allowed;
    }

    static Allowed parse(JsonNode root, List<String> problems) {
        Fields fields = new Fields("", root, problems);
        Fields files = fields.object("files");
        Allowed allowed = new Allowed(
                files.list("roots", (at, value) -> root(at, value, problems)),
                files.list("programs", (at, value) -> words(at, value, problems)),
                fields.objects("apps", (name, app) -> AppDefinition.read(app, false)),
                fields.flag("appsFromServer", false),
                fields.objects("run", (name, program) -> listed(program)),
                logs(fields, problems),
                fields.texts("reboot"),
                fields.flag("wipe", false),
                fields.texts("onConfigChange"));
        files.nothingElse();
        fields.nothingElse();
        return allowed;
    }

    private static Optional<Path> root(String at, JsonNode value, List<String> problems) {
        Path path = Path.of(value.asString(""));
        if (!path.isAbsolute() || !path.equals(path.normalize()) || path.getNameCount() == 0) {
            problems.add(at + " must be an absolute path below / without '..', found '" + path + "'");
            return Optional.empty();
        }
        return Optional.of(path);
    }

    private static Optional<List<String>> words(String at, JsonNode value, List<String> problems) {
        if (!value.isArray()
                || value.isEmpty()
                || !value.values().stream().allMatch(JsonNode::isString)
                || value.get(0).stringValue().contains("*")) {
            problems.add(
                    at + " must be a list of words that begins with a program, such as [systemctl, reload, \"*\"]");
            return Optional.empty();
        }
        return Optional.of(value.values().stream().map(JsonNode::stringValue).toList());
    }

    private static Listed listed(Fields fields) {
        List<String> argv = fields.texts("argv");
        if (argv.isEmpty() || argv.getFirst().contains("{")) {
            fields.problem("argv", "must be a list that begins with a program");
        }
        Map<String, Pattern> args = new java.util.LinkedHashMap<>();
        fields.textsByName("args").forEach((name, pattern) -> {
            try {
                args.put(name, Pattern.compile(pattern));
            } catch (PatternSyntaxException e) {
                fields.problem("args", name + " is not a regular expression: " + e.getDescription());
            }
        });
        int timeout = (int) fields.number("timeoutSeconds", 60, 1, 3600);
        fields.nothingElse();
        return new Listed(argv, args, timeout);
    }

    private static Map<String, Path> logs(Fields fields, List<String> problems) {
        Map<String, Path> logs = new java.util.LinkedHashMap<>();
        fields.textsByName("logs").forEach((name, path) -> {
            if (Path.of(path).isAbsolute()) {
                logs.put(name, Path.of(path));
            } else {
                problems.add("logs." + name + " must be an absolute path, found '" + path + "'");
            }
        });
        return logs;
    }

    /** Whether a command line of the server's is one that the owner listed. */
    public boolean permits(List<String> argv) {
        return programs.stream().anyMatch(pattern -> matches(pattern, argv));
    }

    private static boolean matches(List<String> pattern, List<String> argv) {
        if (pattern.size() != argv.size()) {
            return false;
        }
        for (int i = 0; i < argv.size(); i++) {
            boolean any = pattern.get(i).equals("*") && !argv.get(i).startsWith("-");
            if (!any && !pattern.get(i).equals(argv.get(i))) {
                return false;
            }
        }
        return true;
    }
}
