package dev.muster.agent.apply;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.agent.state.AssetFacts;
import dev.muster.protocol.AssetId;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class AssetPartTest {
    private static final AssetFacts OWN = new AssetFacts(new AssetId("pump-7"), "host", Optional.empty(), Map.of());

    private final AssetPart part = new AssetPart(OWN);

    @Test
    void whatTheServerTellsIsKnownToThePartsThatAreCheckedAfterIt() {
        JsonNode told = json("{\"type\":\"pump\",\"labels\":{\"site\":\"berlin\"}}");

        assertThat(part.problems(told)).isEmpty();

        assertThat(part.get())
                .isEqualTo(new AssetFacts(OWN.id(), "host", Optional.of("pump"), Map.of("site", "berlin")));
    }

    @Test
    void isReportedAsItIsInEffectAndGoneWithTheTemplates() {
        JsonNode told = json("{\"type\":\"pump\",\"labels\":{}}");
        part.apply(told);
        assertThat(part.current()).isEqualTo(told);

        part.apply(json("{}"));

        assertThat(part.current()).isEqualTo(json("{}"));
        assertThat(part.get()).isEqualTo(OWN);
    }

    @Test
    void aLabelThatIsNoTextIsAProblemAndChangesNothing() {
        assertThat(part.problems(json("{\"labels\":{\"site\":7}}"))).isNotEmpty();
        assertThat(part.problems(json("{\"region\":\"eu\"}"))).isNotEmpty();
        assertThat(part.get()).isEqualTo(OWN);
    }

    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text);
    }
}
