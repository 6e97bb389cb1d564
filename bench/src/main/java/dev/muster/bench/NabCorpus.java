package dev.muster.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The Numenta Anomaly Benchmark as it lies in a directory: {@code data/}, {@code labels/}, {@code results/}. */
final class NabCorpus {
    private static final JsonMapper JSON = new JsonMapper();

    /**
     * @param name such as {@code realTraffic/speed_6005.csv}
     * @param starts rows at which labelled windows begin, in order
     * @param ends rows at which they end, inclusive
     */
    record Series(String name, long[] seconds, double[] values, int[] starts, int[] ends) {
        String domain() {
            return name.substring(0, name.indexOf('/'));
        }
    }

    private NabCorpus() {}

    /** The series that are there; labels name more when a part of the corpus is missing. */
    static List<Series> read(Path directory) throws IOException {
        JsonNode windows = JSON.readTree(Files.readString(directory.resolve("labels/combined_windows.json")));
        List<Series> found = new ArrayList<>();
        for (Map.Entry<String, JsonNode> entry : windows.properties()) {
            Path file = directory.resolve("data").resolve(entry.getKey());
            if (Files.exists(file)) {
                found.add(series(entry.getKey(), Files.readAllLines(file), entry.getValue()));
            }
        }
        return found;
    }

    private static Series series(String name, List<String> lines, JsonNode windows) {
        int rows = lines.size() - 1;
        long[] seconds = new long[rows];
        double[] values = new double[rows];
        Map<Long, Integer> first = new HashMap<>();
        for (int row = 0; row < rows; row++) {
            String line = lines.get(row + 1);
            int comma = line.indexOf(',');
            seconds[row] = seconds(line.substring(0, comma));
            values[row] = Double.parseDouble(line.substring(comma + 1));
            first.putIfAbsent(seconds[row], row);
        }
        int[] starts = new int[windows.size()];
        int[] ends = new int[windows.size()];
        for (int i = 0; i < windows.size(); i++) {
            starts[i] = row(name, first, windows.get(i).get(0).asString());
            ends[i] = row(name, first, windows.get(i).get(1).asString());
        }
        return new Series(name, seconds, values, starts, ends);
    }

    private static int row(String name, Map<Long, Integer> rows, String time) {
        Integer row = rows.get(seconds(time));
        if (row == null) {
            throw new IllegalArgumentException(
                    "a window of " + name + " has its border at " + time + ", where no row is");
        }
        return row;
    }

    private static long seconds(String time) {
        return LocalDateTime.parse(time.substring(0, 19).replace(' ', 'T')).toEpochSecond(ZoneOffset.UTC);
    }

    /** What was published: by file the raw score of the standard profile and the counts TP, TN, FP, FN. */
    static Map<String, double[]> published(Path directory, String detector) throws IOException {
        Map<String, double[]> found = new HashMap<>();
        Path file = directory.resolve("results").resolve(detector).resolve(detector + "_standard_scores.csv");
        for (String line : Files.readAllLines(file)) {
            String[] cells = line.split(",", -1);
            if (cells.length > 9 && cells[2].contains("/")) {
                found.put(cells[2], new double[] {
                    number(cells[4]), number(cells[5]), number(cells[6]), number(cells[7]), number(cells[8])
                });
            }
        }
        return found;
    }

    static List<String> detectors(Path directory) throws IOException {
        try (var list = Files.list(directory.resolve("results"))) {
            return list.filter(Files::isDirectory)
                    .map(path -> path.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }

    private static double number(String text) {
        return Double.parseDouble(text);
    }
}
