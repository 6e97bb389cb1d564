package dev.muster.agent.metrics;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** Reads the texts of {@code /proc} (proc(5)) and {@code /etc/os-release} (os-release(5)); knows no files. */
final class Proc {
    private static final double ZERO_CELSIUS = 273.15;

    private Proc() {}

    /** Processor time in ticks, of all processors together. */
    record CpuTimes(long busy, long total) {
        /** The share that was busy between two moments; empty where no time has passed. */
        OptionalDouble utilizationSince(CpuTimes before) {
            long passed = total - before.total;
            long worked = busy - before.busy;
            return passed <= 0 || worked < 0
                    ? OptionalDouble.empty()
                    : OptionalDouble.of(Math.min(1, (double) worked / passed));
        }
    }

    /** {@code /proc/stat}: waiting for a disk is idle; the time of guests is in that of users already. */
    static Optional<CpuTimes> cpuTimes(String stat) {
        List<String> fields = fields(firstLine(stat));
        if (fields.size() < 5 || !fields.getFirst().equals("cpu")) {
            return Optional.empty();
        }
        long total = 0;
        long idle = 0;
        for (int i = 1; i < Math.min(fields.size(), 9); i++) {
            long ticks = number(fields.get(i)).orElse(0);
            total += ticks;
            idle += i == 4 || i == 5 ? ticks : 0;
        }
        return Optional.of(new CpuTimes(total - idle, total));
    }

    /** Bytes. */
    record Memory(long used, long available) {}

    /** {@code /proc/meminfo}; kernels before 3.14 do not say what is available. */
    static Optional<Memory> memory(String meminfo) {
        Map<String, Long> kilobytes = new HashMap<>();
        meminfo.lines().forEach(line -> {
            List<String> fields = fields(line);
            if (fields.size() >= 2) {
                number(fields.get(1)).ifPresent(value -> kilobytes.put(fields.getFirst(), value));
            }
        });
        Long total = kilobytes.get("MemTotal:");
        if (total == null) {
            return Optional.empty();
        }
        long guess = kilobytes.getOrDefault("MemFree:", 0L)
                + kilobytes.getOrDefault("Buffers:", 0L)
                + kilobytes.getOrDefault("Cached:", 0L);
        long available = kilobytes.getOrDefault("MemAvailable:", guess);
        return Optional.of(new Memory((total - available) * 1024, available * 1024));
    }

    /** {@code /proc/loadavg}. */
    static OptionalDouble loadOfOneMinute(String loadavg) {
        return decimal(fields(loadavg), 0);
    }

    /** {@code /proc/uptime}, seconds. */
    static OptionalDouble uptime(String uptime) {
        return decimal(fields(uptime), 0);
    }

    /** Bytes since the start of the kernel. */
    record Traffic(long received, long sent) {}

    /** {@code /proc/net/dev} by name of the interface. */
    static Map<String, Traffic> traffic(String netDev) {
        Map<String, Traffic> found = new HashMap<>();
        netDev.lines().forEach(line -> {
            int colon = line.indexOf(':');
            if (colon < 0) {
                return;
            }
            List<String> fields = fields(line.substring(colon + 1));
            if (fields.size() >= 9) {
                OptionalLong received = number(fields.get(0));
                OptionalLong sent = number(fields.get(8));
                if (received.isPresent() && sent.isPresent()) {
                    found.put(line.substring(0, colon).strip(), new Traffic(received.getAsLong(), sent.getAsLong()));
                }
            }
        });
        return found;
    }

    /** A file {@code temp} of a thermal zone or a sensor, in thousandths of a degree Celsius; kelvin. */
    static OptionalDouble kelvin(String milliCelsius) {
        OptionalLong value = number(milliCelsius.strip());
        return value.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(value.getAsLong() / 1000.0 + ZERO_CELSIUS);
    }

    /** {@code PRETTY_NAME} of {@code /etc/os-release}. */
    static Optional<String> osVersion(String osRelease) {
        return osRelease
                .lines()
                .filter(line -> line.startsWith("PRETTY_NAME="))
                .map(line -> unquoted(line.substring("PRETTY_NAME=".length()).strip()))
                .filter(name -> !name.isEmpty())
                .findFirst();
    }

    private static String unquoted(String value) {
        boolean quoted = value.length() >= 2
                && (value.startsWith("\"") && value.endsWith("\"") || value.startsWith("'") && value.endsWith("'"));
        return quoted ? value.substring(1, value.length() - 1) : value;
    }

    private static String firstLine(String text) {
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end);
    }

    static List<String> fields(String line) {
        List<String> found = new ArrayList<>();
        int from = -1;
        for (int i = 0; i <= line.length(); i++) {
            boolean blank = i == line.length() || Character.isWhitespace(line.charAt(i));
            if (blank && from >= 0) {
                found.add(line.substring(from, i));
                from = -1;
            } else if (!blank && from < 0) {
                from = i;
            }
        }
        return found;
    }

    private static OptionalLong number(String text) {
        try {
            return OptionalLong.of(Long.parseLong(text));
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    private static OptionalDouble decimal(List<String> fields, int index) {
        try {
            return index < fields.size()
                    ? OptionalDouble.of(Double.parseDouble(fields.get(index)))
                    : OptionalDouble.empty();
        } catch (NumberFormatException e) {
            return OptionalDouble.empty();
        }
    }
}
