package dev.muster.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.simulator.device.BadValue;
import dev.muster.simulator.device.Behaviour;
import dev.muster.simulator.device.Fault;
import dev.muster.simulator.device.Pace;
import dev.muster.simulator.device.Share;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;

class BehaviourFlagsTest {

    @Test
    void allAreHonestWhenNothingIsSaid() {
        BehaviourFlags flags = parsed();
        assertThat(flags.options()).isEqualTo(DeviceOptions.honest());
        assertThat(flags.control()).isFalse();
        assertThat(flags.declaresHardware()).isFalse();
    }

    @Test
    void everyFlagHasItsEffect() {
        BehaviourFlags flags = parsed(
                "--drift=5%",
                "--drift-stubborn=20%",
                "--clock-skew=6%",
                "--offline=10%",
                "--late-reports=7%",
                "--reject=1%",
                "--reject-value",
                "/receipt/copies=1: 20%",
                "--fail-commands=2%",
                "--download=3%",
                "--fault",
                "app@1.5.0: failing=20% hardware=rev-b",
                "--fault",
                "os@*: slow=50%",
                "--hardware=rev-a=70,rev-b=30",
                "--pace=10",
                "--truth=truth.jsonl",
                "--control");
        assertThat(flags.options())
                .isEqualTo(new DeviceOptions(
                        new Behaviour(
                                Share.percent(5),
                                Share.percent(20),
                                Share.percent(6),
                                Share.percent(10),
                                Share.percent(7),
                                Share.percent(1),
                                Share.percent(2),
                                Share.percent(3),
                                List.of(
                                        Fault.parse("app@1.5.0: failing=20% hardware=rev-b"),
                                        Fault.parse("os@*: slow=50%")),
                                List.of(new BadValue("/receipt/copies", "1", Share.percent(20))),
                                Pace.standard().faster(10)),
                        new HardwareMix(Map.of("rev-a", 70, "rev-b", 30)),
                        Path.of("truth.jsonl")));
        assertThat(flags.control()).isTrue();
        assertThat(flags.declaresHardware()).isTrue();
    }

    @Test
    void allReportLateWhenNoShareIsSaid() {
        assertThat(parsed("--late-reports").options().behaviour().lateReports()).isEqualTo(Share.ALL);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--drift=101% | is not between 0% and 100%",
                "--offline=some | \"some\" is not a share; write 5% or 0.05",
                "--fault=app | is not a fault; write 'app@1.5.0:",
            })
    void saysWhatIsWrongWithAFlag(String flag, String message) {
        assertThatThrownBy(() -> parsed(flag))
                .isInstanceOf(ParameterException.class)
                .hasMessageContaining(message);
    }

    @Test
    void drawsTheHardwareOfEachAssetByItsWeight() {
        Map<String, Integer> drawn = new HashMap<>();
        HardwareMix mix = HardwareMix.parse("rev-a=70,rev-b=30");
        for (int i = 0; i < 10_000; i++) {
            drawn.merge(mix.of(42, "pump-" + i), 1, Integer::sum);
        }
        assertThat(drawn).containsOnlyKeys("rev-a", "rev-b");
        assertThat(drawn.get("rev-b")).as("within five standard deviations").isBetween(2_770, 3_230);
    }

    private static BehaviourFlags parsed(String... arguments) {
        Host host = new Host();
        new CommandLine(host).parseArgs(arguments);
        return host.flags;
    }

    @Command
    private static final class Host {
        @Mixin
        private final BehaviourFlags flags = new BehaviourFlags();
    }
}
