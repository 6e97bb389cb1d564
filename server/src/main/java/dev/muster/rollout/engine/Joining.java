package dev.muster.rollout.engine;

import dev.muster.protocol.AssetId;
import java.util.List;

/**
 * An asset that is selected now and was no target.
 *
 * @param stratum the values by which failures are told apart; empty where they are not
 */
public record Joining(AssetId asset, List<String> stratum) {}
