package dev.muster.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicsTest {
    private static final AssetId PUMP = new AssetId("pump-7");

    @Test
    void everyKindOfUplinkIsParsedFromTheTopicThatIsBuiltForIt() {
        for (UplinkKind kind : UplinkKind.values()) {
            String subtopic = kind == UplinkKind.COMMAND_RESULT ? "0192f1c2-aa" : "";
            String topic = Topics.uplink(PUMP, kind, subtopic);
            assertThat(Topics.uplink(PUMP, topic)).isEqualTo(new Topics.UplinkTopic(kind, subtopic));
            assertThat(Topics.assetOf(topic)).contains(PUMP);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "assets/",
                "assets/pump-7",
                "assets/pump-7/",
                "assets/pump-71/telemetry",
                "assets/pump-/telemetry",
                "assets/Pump-7/telemetry",
                "asset/pump-7/telemetry",
                "/assets/pump-7/telemetry",
                "assets/pump-7/telemetry/",
                "assets/pump-7/Telemetry",
                "assets/pump-7//telemetry",
                "assets/pump-7/state/desired",
                "assets/pump-7/commands",
                "assets/pump-7/commands/result",
                "assets/pump-7/commands//result",
                "assets/pump-7/commands/a/b/result",
                "assets/pump-7/commands/a b/result",
                "assets/pump-7/commands/a/results"
            })
    void takesNothingElseForAnUplinkOfTheAsset(String topic) {
        assertThat(Topics.uplink(PUMP, topic)).isNull();
    }

    @Test
    void onlyDesiredStateAndCommandsCanBeSubscribedTo() {
        assertThat(Topics.downlink(PUMP, Topics.desired(PUMP))).isEqualTo(Topics.Downlink.DESIRED);
        assertThat(Topics.downlink(PUMP, Topics.commands(PUMP))).isEqualTo(Topics.Downlink.COMMANDS);
        assertThat(Topics.downlink(PUMP, "assets/pump-8/commands")).isNull();
        assertThat(Topics.downlink(PUMP, "assets/pump-7/#")).isNull();
        assertThat(Topics.downlink(PUMP, "assets/pump-7/state/reported")).isNull();
        assertThat(Topics.downlink(PUMP, "$share/g/assets/pump-7/commands")).isNull();
    }

    @Test
    void aResultTopicIsNotBuiltWithoutACommand() {
        assertThatThrownBy(() -> Topics.uplink(PUMP, UplinkKind.COMMAND_RESULT, ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("topic of COMMAND_RESULT for asset pump-7 cannot have the subtopic \"\"");
    }
}
