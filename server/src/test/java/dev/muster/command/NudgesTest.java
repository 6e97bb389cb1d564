package dev.muster.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.platform.testing.TestDatabase;
import dev.muster.protocol.AssetId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

class NudgesTest {
    private static final AssetId TRUCK = new AssetId("truck-1");
    private static final AssetId VAN = new AssetId("van-1");

    private final TransactionTemplate transaction =
            new TransactionTemplate(new DataSourceTransactionManager(TestDatabase.fresh()));
    private final Nudges nudges = new Nudges();
    private final List<AssetId> nudged = new ArrayList<>();

    @Test
    void tellsSessionsAfterTheCommitAndNotBefore() {
        nudges.attach(nudged::add);
        transaction.executeWithoutResult(status -> {
            nudges.afterCommit(List.of(TRUCK, VAN, TRUCK));
            assertThat(nudged).isEmpty();
        });
        assertThat(nudged).containsExactly(TRUCK, VAN);
    }

    @Test
    void tellsNobodyOfWhatIsRolledBack() {
        nudges.attach(nudged::add);
        transaction.executeWithoutResult(status -> {
            nudges.afterCommit(TRUCK);
            status.setRollbackOnly();
        });
        assertThat(nudged).isEmpty();
    }

    @Test
    void tellsTheOthersWhenOneSessionCannotBeTold() {
        nudges.attach(asset -> {
            if (asset.equals(TRUCK)) {
                throw new RejectedExecutionException("the event loop stops");
            }
            nudged.add(asset);
        });
        transaction.executeWithoutResult(status -> nudges.afterCommit(List.of(TRUCK, VAN)));
        assertThat(nudged).containsExactly(VAN);
    }

    @Test
    void whatWaitsUnchangedIsToldToSessionsAlone() {
        List<AssetId> sessions = new ArrayList<>();
        nudges.attach(nudged::add, sessions::add);
        transaction.executeWithoutResult(status -> nudges.againAfterCommit(List.of(TRUCK)));

        assertThat(nudged).isEmpty();
        assertThat(sessions).containsExactly(TRUCK);
    }

    @Test
    void isSilentBeforeTheDevicePlaneRuns() {
        transaction.executeWithoutResult(status -> nudges.afterCommit(TRUCK));
        nudges.attach(nudged::add);
        assertThat(nudged).isEmpty();
    }

    @Test
    void refusesToNudgeOutsideOfATransaction() {
        assertThatThrownBy(() -> nudges.afterCommit(TRUCK))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("outside of a transaction");
    }
}
