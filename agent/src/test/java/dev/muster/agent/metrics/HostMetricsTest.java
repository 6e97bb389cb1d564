package dev.muster.agent.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostMetricsTest {
    private static final String NET = """
            Inter-|   Receive                                                |  Transmit
             face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
                lo: 7 1 0 0 0 0 0 0 7 1 0 0 0 0 0 0
              eth0: %d 1 0 0 0 0 0 0 %d 1 0 0 0 0 0 0
            docker0: 500 1 0 0 0 0 0 0 500 1 0 0 0 0 0 0
            """;

    @TempDir
    Path root;

    @Test
    void readsWhatTheMachineHasUnderTheNamesOfTheAssetType() throws IOException {
        write("proc/stat", "cpu 100 0 0 900 0 0 0 0 0 0\n");
        write("proc/meminfo", "MemTotal: 1000 kB\nMemAvailable: 400 kB\n");
        write("proc/loadavg", "1.5 1 1 1/1 1\n");
        write("proc/uptime", "60.5 1\n");
        write("proc/net/dev", NET.formatted(1000, 2000));
        write("sys/class/net/eth0/device", "");
        write("sys/class/thermal/thermal_zone0/type", "acpitz\n");
        write("sys/class/thermal/thermal_zone0/temp", "90000\n");
        write("sys/class/thermal/thermal_zone1/type", "x86_pkg_temp\n");
        write("sys/class/thermal/thermal_zone1/temp", "50000\n");
        write("etc/os-release", "PRETTY_NAME=\"Debian GNU/Linux 12\"\n");
        Files.createDirectories(root.resolve("proc/1"));
        Files.createDirectories(root.resolve("proc/22"));
        HostMetrics metrics = new HostMetrics(root, root);

        Map<String, Object> first = new TreeMap<>(metrics.read(0));
        assertThat(first.remove("disk.used")).isInstanceOf(Double.class);
        assertThat(first.remove("disk.free")).isInstanceOf(Double.class);
        assertThat(first)
                .isEqualTo(Map.of(
                        "memory.used",
                        600.0 * 1024,
                        "memory.available",
                        400.0 * 1024,
                        "load.1m",
                        1.5,
                        "uptime",
                        60.5,
                        "temperature.cpu",
                        323.15,
                        "processes",
                        2.0,
                        "reboot.required",
                        false,
                        "os.version",
                        "Debian GNU/Linux 12"));

        write("proc/stat", "cpu 125 0 0 975 0 0 0 0 0 0\n");
        write("proc/net/dev", NET.formatted(6000, 2000 + 12_000));
        write("run/reboot-required", "");
        assertThat(metrics.read(10_000_000_000L))
                .containsEntry("cpu.utilization", 0.25)
                .containsEntry("network.received", 500.0)
                .containsEntry("network.sent", 1200.0)
                .containsEntry("reboot.required", true);
    }

    @Test
    void aMachineWithoutAnythingSaysLittleAndDoesNotFail() {
        HostMetrics metrics = new HostMetrics(root, root);
        metrics.read(0);
        assertThat(metrics.read(1).keySet()).containsExactlyInAnyOrder("disk.used", "disk.free", "reboot.required");
    }

    @Test
    void aCounterThatWentBackGivesNoRate() throws IOException {
        HostMetrics metrics = new HostMetrics(root, root);
        write("proc/net/dev", NET.formatted(1000, 1000));
        metrics.read(0);
        write("proc/net/dev", NET.formatted(1, 1));
        assertThat(metrics.read(1_000_000_000L)).doesNotContainKeys("network.received", "network.sent");
    }

    private void write(String name, String content) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }
}
