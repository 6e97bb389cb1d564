package dev.muster.agent.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** With texts captured from a Raspberry Pi (kernel 6.1), a router (kernel 3.10) and a server. */
class ProcTest {
    @Test
    void processorTimeCountsWaitingAsIdleAndGuestsOnce() {
        String pi = """
                cpu  84282747 5 28282873 2061137483 3812933 0 1217104 0 700 0
                cpu0 20926803 1 7133120 515082473 963297 0 470363 0 0 0
                intr 38493849
                """;
        Proc.CpuTimes times = Proc.cpuTimes(pi).orElseThrow();
        assertThat(times).isEqualTo(new Proc.CpuTimes(113_782_729, 2_178_733_145L));
        assertThat(new Proc.CpuTimes(113_782_829, 2_178_733_345L).utilizationSince(times))
                .hasValue(0.5);
        assertThat(times.utilizationSince(times)).isEmpty();
        assertThat(Proc.cpuTimes("")).isEmpty();
        assertThat(Proc.cpuTimes("intr 1 2 3 4 5")).isEmpty();
    }

    @Test
    void memoryIsWhatTheKernelSaysIsAvailable() {
        assertThat(Proc.memory("""
                MemTotal:        3884372 kB
                MemFree:          162536 kB
                MemAvailable:    3126808 kB
                Buffers:          166388 kB
                Cached:          2686476 kB
                HugePages_Total:       0
                """)).contains(new Proc.Memory(757_564L * 1024, 3_126_808L * 1024));
    }

    @Test
    void anOldKernelIsGuessedFor() {
        assertThat(Proc.memory("""
                MemTotal:          61192 kB
                MemFree:           16204 kB
                Buffers:            3020 kB
                Cached:            14980 kB
                """)).contains(new Proc.Memory((61_192L - 34_204) * 1024, 34_204L * 1024));
        assertThat(Proc.memory("nothing")).isEmpty();
    }

    @Test
    void readsLoadAndUptime() {
        assertThat(Proc.loadOfOneMinute("0.52 0.58 0.59 1/389 12345\n")).hasValue(0.52);
        assertThat(Proc.uptime("5512345.67 21992345.12\n")).hasValue(5_512_345.67);
        assertThat(Proc.loadOfOneMinute("")).isEmpty();
        assertThat(Proc.uptime("soon")).isEmpty();
    }

    @Test
    void trafficOfEachInterface() {
        assertThat(Proc.traffic("""
                Inter-|   Receive                                                |  Transmit
                 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
                    lo: 1000   10    0    0    0     0          0         0 1000   10    0    0    0     0       0          0
                  eth0:123456789012 1000    0    0    0     0          0         0 987654    900    0    0    0     0       0          0
                wlan0.2: 5   10    0    0    0     0          0         0 6   10    0    0    0     0       0          0
                """))
                .isEqualTo(Map.of(
                        "lo", new Proc.Traffic(1000, 1000),
                        "eth0", new Proc.Traffic(123_456_789_012L, 987_654),
                        "wlan0.2", new Proc.Traffic(5, 6)));
    }

    @Test
    void temperatureIsInKelvin() {
        assertThat(Proc.kelvin("48312\n").getAsDouble()).isCloseTo(321.462, within(1e-9));
        assertThat(Proc.kelvin("-5000\n").getAsDouble()).isCloseTo(268.15, within(1e-9));
        assertThat(Proc.kelvin("N/A")).isEmpty();
    }

    @Test
    void theNameOfTheOperatingSystemWithAndWithoutQuotes() {
        assertThat(Proc.osVersion("NAME=\"Debian\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n"))
                .contains("Debian GNU/Linux 12 (bookworm)");
        assertThat(Proc.osVersion("PRETTY_NAME=OpenWrt\n")).contains("OpenWrt");
        assertThat(Proc.osVersion("ID=x\n")).isEmpty();
    }
}
