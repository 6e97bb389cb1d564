package dev.muster.rollout;

import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import java.util.List;
import java.util.Map;

/**
 * Of whom a person speaks who acts on a part of a rollout.
 *
 * @param assets single ones
 * @param stratum values of attributes by which failures are told apart; whoever has them all
 */
record Chosen(List<String> assets, Map<String, String> stratum) {
    static final int MAX_ASSETS = 1_000;

    Chosen {
        assets = List.copyOf(assets);
        stratum = Map.copyOf(stratum);
        if (assets.size() > MAX_ASSETS) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "assets has " + assets.size() + " entries, at most " + MAX_ASSETS + " are allowed at a time");
        }
    }

    boolean isEmpty() {
        return assets.isEmpty() && stratum.isEmpty();
    }
}
