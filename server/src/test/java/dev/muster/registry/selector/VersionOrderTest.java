package dev.muster.registry.selector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class VersionOrderTest {
    /** The first nine of each other in the words of the specification, item 11. */
    private static final List<String> IN_ORDER = List.of(
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "1.0.1",
            "1.9",
            "1.10",
            "2026.11",
            "99999999999999999999.1",
            "nightly");

    @Test
    void numbersAreNumbersAndWhatIsNotReleasedComesBefore() {
        List<String> shuffled = new ArrayList<>(IN_ORDER);
        Collections.shuffle(shuffled, new Random(11));
        shuffled.sort(VersionOrder.INSTANCE);

        assertThat(shuffled).isEqualTo(IN_ORDER);
    }

    @Test
    void whatSaysNothingAboutTheOrderDoesNotCount() {
        assertThat(List.of("1.0", "1.0.0", "v1", "1.0.0+build.7"))
                .allSatisfy(same ->
                        assertThat(VersionOrder.INSTANCE.compare("1", same)).isZero());
    }
}
