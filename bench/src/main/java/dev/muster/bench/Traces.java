package dev.muster.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Measured series of the Numenta Anomaly Benchmark (MIT), one or several for each of ten metrics: machines, rooms, traffic and
 * servers. A reading is the next value of a series; an asset begins at a place of its own and goes round.
 *
 * <p>A thousand assets would have the same values again and again, and what is packed would be small for that reason. So each has
 * a gain of its own, from 0.9 to 1.1, and its values are rounded to the decimals that the series has, four at most: those with more are averages, not readings.
 */
final class Traces {
    /** By name; the files whose names begin so. */
    private static final List<List<String>> FILES = List.of(
            List.of("machine_temperature", "machine_temperature_system_failure"),
            List.of("room_temperature", "ambient_temperature_system_failure"),
            List.of("cpu", "ec2_cpu_utilization_"),
            List.of("cpu_of_group", "cpu_utilization_asg_misconfiguration"),
            List.of("database_cpu", "rds_cpu_utilization_"),
            List.of("network_in", "ec2_network_in_"),
            List.of("disk_write", "ec2_disk_write_bytes_"),
            List.of("requests", "elb_request_count_"),
            List.of("latency", "ec2_request_latency_system_failure"),
            List.of("speed", "speed_"));

    static final List<String> METRICS = FILES.stream().map(List::getFirst).toList();

    private static final int MOST_DECIMALS = 4;

    /** @param unit of the last decimal, as a divisor */
    private record Series(double[] values, double unit) {}

    private final List<List<Series>> series;
    private final boolean asRecorded;

    private Traces(List<List<Series>> series, boolean asRecorded) {
        this.series = series;
        this.asRecorded = asRecorded;
    }

    /** @param asRecorded without gains */
    static Traces read(Path folder, boolean asRecorded) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new IOException("there are no traces in " + folder
                    + "; get github.com/numenta/NAB and name its folder data with --traces");
        }
        List<List<Series>> all = new ArrayList<>();
        for (List<String> metric : FILES) {
            List<Series> found = new ArrayList<>();
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.filter(
                                each -> each.getFileName().toString().startsWith(metric.get(1)))
                        .sorted()
                        .toList()) {
                    found.add(series(file));
                }
            }
            if (found.isEmpty()) {
                throw new IOException("there is no series " + metric.get(1) + "*.csv in " + folder);
            }
            all.add(found);
        }
        return new Traces(all, asRecorded);
    }

    private static Series series(Path file) throws IOException {
        List<String> texts = Files.readAllLines(file).stream()
                .skip(1)
                .map(line -> line.substring(line.indexOf(',') + 1))
                .toList();
        int decimals = texts.stream()
                .mapToInt(text -> text.indexOf('.') < 0 ? 0 : text.length() - text.indexOf('.') - 1)
                .max()
                .orElse(0);
        return new Series(
                texts.stream().mapToDouble(Double::parseDouble).toArray(),
                Math.pow(10, Math.min(decimals, MOST_DECIMALS)));
    }

    String described() {
        int count = series.stream().mapToInt(List::size).sum();
        int values = series.stream()
                .flatMap(List::stream)
                .mapToInt(each -> each.values().length)
                .sum();
        long distinct = series.stream()
                .mapToLong(metric -> metric.stream()
                        .flatMapToDouble(each -> Arrays.stream(each.values()))
                        .distinct()
                        .count())
                .sum();
        return count + " measured series of 10 metrics (NAB), " + values + " values, " + distinct
                + " different ones within their metrics; "
                + (asRecorded ? "as recorded" : "each asset with a gain of its own");
    }

    double value(int asset, int metric, int reading) {
        List<Series> its = series.get(metric);
        Series one = its.get(asset % its.size());
        double value = one.values()[Math.floorMod(asset * 7919 + metric * 104_729 + reading, one.values().length)];
        if (asRecorded) {
            return value;
        }
        double gain = 0.9 + 0.2 * Math.floorMod((asset * 31 + metric) * 0x9E3779B1, 100_003) / 100_003;
        return Math.rint(value * gain * one.unit()) / one.unit();
    }
}
