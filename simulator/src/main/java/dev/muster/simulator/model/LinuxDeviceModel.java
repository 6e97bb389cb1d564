package dev.muster.simulator.model;

import dev.muster.protocol.Severity;
import dev.muster.protocol.Uplink;
import dev.muster.protocol.Uplink.LogRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A small Linux computer: load wanders, memory creeps until its service is restarted, the disk fills and is rotated. */
final class LinuxDeviceModel implements AssetModel {
    private static final double RESTART_AT = 88;
    private static final double MEMORY_BYTES = 4e9;
    private static final double DISK_BYTES = 64e9;

    private final RandomGenerator random;
    private final long booted;
    private final double diskPerDay;
    private long last;
    private double cpu;
    private double memory;
    private double disk;
    private double temperature;
    private double sinceLog;

    LinuxDeviceModel(RandomGenerator random, long start) {
        this.random = random;
        this.last = start;
        this.booted = start - (long) (random.nextDouble() * 30 * 86_400e3);
        this.cpu = 5 + random.nextDouble() * 40;
        this.memory = 25 + random.nextDouble() * 40;
        this.disk = 20 + random.nextDouble() * 50;
        this.diskPerDay = 0.2 + random.nextDouble() * 2;
        this.temperature = 40;
        this.sinceLog = random.nextDouble() * 60;
    }

    @Override
    public List<Uplink> advance(long ts) {
        double seconds = (ts - last) / 1e3;
        last = ts;
        cpu = Series.clamp(Series.wander(cpu, 25 + 10 * Series.dailyCycle(ts), 14, seconds, 60, random), 0.3, 100);
        temperature = Series.approach(temperature, 38 + cpu * 0.35, seconds, 60);
        memory = Series.clamp(memory + seconds * 0.000_4 + random.nextGaussian() * 0.05, 5, 100);
        disk += diskPerDay * seconds / 86_400;
        List<Uplink> uplinks = new ArrayList<>(2);
        uplinks.add(AssetModel.telemetry(ts, values(ts)));
        LogRecord record = whatHappened(ts, seconds);
        if (record != null) {
            uplinks.add(new Uplink.Logs(List.of(record)));
        }
        return uplinks;
    }

    private @Nullable LogRecord whatHappened(long ts, double seconds) {
        if (memory > RESTART_AT) {
            memory = 30;
            return log(ts, Severity.ERROR, "app.service: main process exited, restarted");
        }
        if (disk > 90) {
            disk = 40;
            return log(ts, Severity.WARN, "old logs were removed: the disk was 90 % full");
        }
        sinceLog += seconds;
        if (sinceLog < 60) {
            return null;
        }
        sinceLog = 0;
        return log(ts, Severity.INFO, "health check passed, load " + Series.rounded(cpu / 100, 2));
    }

    private static LogRecord log(long ts, Severity severity, String body) {
        return new LogRecord(ts, severity, body, Map.of("unit", "app.service"));
    }

    private Map<String, Object> values(long ts) {
        Map<String, Object> values = new TreeMap<>();
        values.put("cpu.utilization", Series.rounded(cpu / 100, 3));
        values.put("memory.used", (double) Math.round(memory / 100 * MEMORY_BYTES));
        values.put("disk.used", (double) Math.round(disk / 100 * DISK_BYTES));
        values.put("disk.free", (double) Math.round((100 - disk) / 100 * DISK_BYTES));
        values.put("load.1m", Series.rounded(cpu / 50, 2));
        values.put("temperature.cpu", Series.kelvin(temperature));
        values.put("uptime", (double) ((ts - booted) / 1_000));
        return values;
    }
}
