package dev.muster.simulator.model;

import dev.muster.protocol.Severity;
import dev.muster.protocol.Uplink;
import dev.muster.protocol.Uplink.Event;
import dev.muster.protocol.Uplink.LogRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** A point-of-sale terminal of a shop that opens in the morning, has two rushes, and is closed on Sundays. */
final class PosModel implements AssetModel {
    private final RandomGenerator random;
    private final double opens;
    private final double closes;
    private final double salesPerHour;
    private long last;
    private boolean open;
    private long sales;
    private double latency = 180;
    private double paper = 100;
    private double cpu = 5;

    PosModel(RandomGenerator random, long start) {
        this.random = random;
        this.opens = 7 + random.nextInt(3);
        this.closes = 18 + random.nextInt(4);
        this.salesPerHour = 20 + random.nextDouble() * 60;
        this.last = start;
        this.open = openAt(start);
        this.paper = 10 + random.nextDouble() * 90;
    }

    @Override
    public List<Uplink> advance(long ts) {
        double seconds = (ts - last) / 1e3;
        last = ts;
        long sold = open ? poisson(salesPerHour * rush(ts) * seconds / 3_600) : 0;
        sales += sold;
        paper = paper - sold * 0.05;
        latency = Series.clamp(Series.wander(latency, 180, 45, seconds, 30, random), 40, 4_000);
        cpu = Series.clamp(Series.wander(cpu, open ? 22 : 4, open ? 7 : 1, seconds, 20, random), 0.5, 100);
        List<Uplink> uplinks = new ArrayList<>(3);
        uplinks.add(AssetModel.telemetry(ts, values()));
        if (paper < 2) {
            paper = 100;
            uplinks.add(new Uplink.Logs(List.of(
                    new LogRecord(ts, Severity.WARN, "receipt paper was changed", Map.of("component", "printer")))));
        }
        if (open != openAt(ts)) {
            open = !open;
            uplinks.add(new Uplink.Events(List.of(new Event(
                    ts, open ? "shift-opened" : "shift-closed", Severity.INFO, null, Map.of("transactions", (double)
                            sales)))));
        }
        return uplinks;
    }

    private Map<String, Object> values() {
        Map<String, Object> values = new TreeMap<>();
        values.put("transactions", (double) sales);
        values.put("payment.latency", Series.rounded(latency / 1e3, 3));
        values.put("printer.paper", Series.rounded(paper / 100, 4));
        values.put("drawer.open", open && random.nextDouble() < 0.05);
        values.put("cpu.utilization", Series.rounded(cpu / 100, 3));
        return values;
    }

    private boolean openAt(long ts) {
        double hour = Series.hourOfDay(ts);
        return hour >= opens && hour < closes && !Series.isSunday(ts);
    }

    /** Lunch and closing time. */
    private static double rush(long ts) {
        double hour = Series.hourOfDay(ts);
        return 0.6 + Math.exp(-Math.pow(hour - 12.5, 2)) + 1.2 * Math.exp(-Math.pow(hour - 17.5, 2) / 2);
    }

    /** Knuth's method; bounded, because a long gap is not made up for. */
    private long poisson(double mean) {
        double limit = Math.exp(-Math.min(mean, 50));
        double product = random.nextDouble();
        long count = 0;
        while (product > limit) {
            count++;
            product *= random.nextDouble();
        }
        return count;
    }
}
