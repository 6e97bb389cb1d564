package dev.muster.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The figures of one run: printed as they come, written to bench/results at the end. */
final class Figures {
    private static final JsonMapper JSON = new JsonMapper();

    private final String benchmark;
    private final PrintStream out;
    private final ObjectNode settings = JSON.createObjectNode();
    private final ArrayNode figures = JSON.createArrayNode();
    private final Instant begun = Instant.now();

    Figures(String benchmark, PrintStream out) {
        this.benchmark = benchmark;
        this.out = out;
    }

    /** What was measured under: printed, so that nobody compares what is not alike. */
    void setting(String name, Object value) {
        settings.put(name, String.valueOf(value));
        out.println("setting " + name + " " + value);
    }

    void figure(String name, double value, String unit) {
        ObjectNode figure = figures.addObject();
        figure.put("name", name);
        figure.put("value", value);
        figure.put("unit", unit);
        out.println("figure " + name + " " + shown(value) + " " + unit);
    }

    private static String shown(double value) {
        return String.format(Locale.ROOT, Math.abs(value) >= 100 || value == Math.rint(value) ? "%.0f" : "%.3f", value);
    }

    /** Writes {@code results/BENCHMARK-TIME.json}. */
    void write(Path root) throws IOException {
        ObjectNode result = JSON.createObjectNode();
        result.put("benchmark", benchmark);
        result.put("begun", begun.truncatedTo(ChronoUnit.SECONDS).toString());
        result.set("machine", machine());
        result.set("settings", settings);
        result.set("figures", figures);
        Path directory = Files.createDirectories(root.resolve("bench/results"));
        String time = begun.truncatedTo(ChronoUnit.SECONDS).toString().replace(":", "");
        Path file = directory.resolve(benchmark + "-" + time + ".json");
        Files.writeString(file, result.toPrettyString() + "\n");
        out.println("written " + file);
    }

    private static ObjectNode machine() throws IOException {
        ObjectNode machine = JSON.createObjectNode();
        machine.put("processors", Runtime.getRuntime().availableProcessors());
        machine.put("processor", firstLine(Path.of("/proc/cpuinfo"), "model name"));
        machine.put("memory", firstLine(Path.of("/proc/meminfo"), "MemTotal"));
        machine.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        machine.put("java", Runtime.version().toString());
        return machine;
    }

    private static String firstLine(Path file, String key) throws IOException {
        if (!Files.isReadable(file)) {
            return "unknown";
        }
        List<String> lines = Files.readAllLines(file);
        return lines.stream()
                .filter(line -> line.startsWith(key))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse("unknown");
    }
}
