package dev.muster.gateway.ddi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.gateway.ddi.Answers.Asked;
import dev.muster.gateway.port.Deployments.Polled;
import dev.muster.protocol.AssetId;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AnswersTest {
    private static final AssetId ASSET = new AssetId("press-7");
    private static final Polled NOTHING_TO_DO = new Polled(Duration.ofMinutes(5), null, false, null, false, null);
    private static final Polled SOMETHING_ELSE = new Polled(Duration.ofMinutes(4), null, false, null, false, null);

    private final Answers answers = new Answers();

    @Test
    void anAnswerThatTheStoreStillSaysIsGivenForAsLongAgain() {
        keep(0);
        long compared = Answers.COMPARED_MILLIS;
        answers.find(ASSET, compared - 1);

        answers.toCompare(compared, 10)
                .forEach((asset, asked) -> answers.compared(asset, asked, compared, NOTHING_TO_DO));

        assertThat(answers.find(ASSET, compared + Answers.KEPT_MILLIS)).contains(NOTHING_TO_DO);
        assertThat(answers.find(ASSET, compared + Answers.KEPT_MILLIS + 1)).isEmpty();
    }

    @Test
    void anAnswerThatTheStoreDoesNotSayAnyMoreIsForgotten() {
        keep(0);
        answers.toCompare(Answers.COMPARED_MILLIS, 10)
                .forEach((asset, asked) -> answers.compared(asset, asked, Answers.COMPARED_MILLIS, SOMETHING_ELSE));

        assertThat(answers.find(ASSET, Answers.COMPARED_MILLIS)).isEmpty();
    }

    @Test
    void whatWasNudgedWhileTheStoreWasReadIsNotGivenLonger() {
        keep(0);
        Map<AssetId, Asked> due = answers.toCompare(Answers.COMPARED_MILLIS, 10);
        answers.forget(ASSET);
        due.forEach((asset, asked) -> answers.compared(asset, asked, Answers.COMPARED_MILLIS, NOTHING_TO_DO));

        assertThat(answers.find(ASSET, Answers.COMPARED_MILLIS)).isEmpty();
    }

    @Test
    void onlyWhatIsOldAndAskedForIsCompared() {
        keep(0);
        assertThat(answers.toCompare(Answers.COMPARED_MILLIS - 1, 10)).isEmpty();
        assertThat(answers.toCompare(Answers.COMPARED_MILLIS, 10).keySet()).isEqualTo(Set.of(ASSET));

        long now = Answers.COMPARED_MILLIS;
        for (; now <= Answers.ASKED_FOR_MILLIS; now += Answers.COMPARED_MILLIS) {
            long at = now;
            answers.toCompare(at, 10).forEach((asset, asked) -> answers.compared(asset, asked, at, NOTHING_TO_DO));
        }
        assertThat(answers.toCompare(now + Answers.COMPARED_MILLIS, 10))
                .as("nobody has asked since the beginning")
                .isEmpty();
    }

    private void keep(long at) {
        Asked asked = answers.ask(ASSET, at);
        answers.keep(ASSET, asked, NOTHING_TO_DO);
    }
}
