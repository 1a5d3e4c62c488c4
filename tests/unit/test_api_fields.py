"""The models know every field that the API document has for the answers the monitor reads."""

from importlib import import_module

import pytest
from pydantic import BaseModel

# The names of each object's properties, in the order of Edge Impulse's API document.
FIELDS = {
    "anomaly.AnomalyAxis": "ix label selected favourite",
    "anomaly.AnomalyCluster": "center maxError",
    "anomaly.AnomalyConfig": """
        dependencies name axes trained clusterCount selectedAxes minimumConfidenceRating thresholds
    """,
    "anomaly.AnomalyConfigResponse": """
        success error dependencies name axes trained clusterCount selectedAxes minimumConfidenceRating
        thresholds
    """,
    "anomaly.AnomalyGmmMetadata": "means covariances weights",
    "anomaly.AnomalyModelMetadata": """
        created scale mean clusters axes defaultMinimumConfidenceRating availableModelTypes recommendedModelType
        modelValidationMetrics hasTrainedModel thresholds
    """,
    "anomaly.AnomalyModelMetadataResponse": """
        success error created scale mean clusters axes defaultMinimumConfidenceRating availableModelTypes
        recommendedModelType modelValidationMetrics hasTrainedModel thresholds
    """,
    "anomaly.DependencyData": "classes blockNames featureCount sampleCount outputClasses",
    "blocks.BlockOrganization": "id dspId",
    "blocks.Impulse": "id name inputBlocks dspBlocks learnBlocks postProcessingBlocks type",
    "blocks.ImpulseDspBlock": """
        id type name axes title valuesPerAxis input createdBy createdAt implementationVersion organization
        customUrl namedAxes
    """,
    "blocks.ImpulseInputBlock": """
        id type name title windowSizeMs windowIncreaseMs frequencyHz classificationWindowIncreaseMs padZeros
        labelingMethodMultiLabel imageWidth imageHeight resizeMode resizeMethod cropAnchor createdBy createdAt
        datasetSubset
    """,
    "blocks.ImpulseInputBlockDatasetSubset": "includePercentage seed",
    "blocks.ImpulseLearnBlock": "id type name dsp title createdBy createdAt",
    "blocks.ImpulsePostProcessingBlock": "id type name title createdBy createdAt implementationVersion",
    "blocks.LabelingMethodMultiLabel": "type labels",
    "blocks.NamedAxis": "name description required selectedAxis",
    "dsp.DSPConfig": "dsp config configError",
    "dsp.DSPFeatures": "generated count labels classes",
    "dsp.DSPInfo": """
        id name windowLength type classes features expectedWindowCount inputAxes performance
        canCalculateFeatureImportance calculateFeatureImportance canNormalizeData normalizeData hasAutoTune
        minimumVersionForAutotune hasAutotunerResults usesState
    """,
    "dsp.DSPMetadata": """
        created generated dspConfig labels featureLabels windowCount featureCount includedSamples windowSizeMs
        windowIncreaseMs padZeros frequency outputConfig fftUsed resamplingAlgorithmVersion featureExplorerJobId
        featureExplorerJobFailed featureImportanceJobId featureImportanceJobFailed
    """,
    "dsp.DspPerformance": "latency ram customDspString",
    "dsp.IncludedSample": "id windowCount",
    "dsp.OutputConfig": "type shape",
    "dsp.OutputShape": "width height channels frames",
    "impulses.AnomalyBlockConfig": "blockId config metadata gmmMetadata",
    "impulses.CreatedUpdatedByUser": "id name username photo",
    "impulses.DetailedImpulse": """
        impulse metrics dspBlockConfigs learnBlockKerasConfigs learnBlockAnomalyConfigs
        postProcessingBlockConfigs pretrainedModelInfo isStale configured complete tags createdFromTunerTrialId
        createdByUser
    """,
    "impulses.DetailedImpulseMetric": """
        name type filteringType category description value title valueForSorting valueHint
    """,
    "impulses.DetailedImpulseMetricFilteringType": "type options",
    "impulses.DspBlockConfig": "blockId config metadata",
    "impulses.GetAllDetailedImpulsesResponse": "success error impulses metricKeysByCategory extraTableColumns",
    "impulses.KerasBlockConfig": "blockId config metadata",
    "impulses.MetricKey": "name description type filteringType showInTable",
    "impulses.MetricKeysOfCategory": "category metricKeys",
    "impulses.PostProcessingBlockConfig": "blockId config",
    "impulses.PretrainedModelInfo": "fileName",
    "keras.AkidaEdgeLearningConfig": "enabled additionalClasses neuronsPerClass",
    "keras.AugmentationPolicySpectrogram": "enabled warping freqMasking timeMasking gaussianNoise",
    "keras.BlockNoLongerAvailable": "reasonMarkdown reasonHtml",
    "keras.BlockParameters": "backbone numLayers poolSize samplingRatio numNearestNeighbors",
    "keras.KerasConfig": """
        dependencies trained name type script minimumConfidenceRating selectedModelType mode visualLayers
        trainingCycles learningRate batchSize defaultBatchSize shape trainTestSplit autoClassWeights
        useLearnedOptimizer augmentationPolicyImage augmentationPolicySpectrogram transferLearningModels
        profileInt8 skipEmbeddingsAndMemory akidaEdgeLearningConfig customValidationMetadataKey
        showAdvancedTrainingSettings showAugmentationTrainingSettings customParameters anomalyCapacity
        lastShownModelVariant blockParameters thresholds
    """,
    "keras.KerasModelLayer": "input output",
    "keras.KerasModelMetadata": """
        created layers classNames labels availableModelTypes recommendedModelType modelValidationMetrics
        hasTrainedModel mode objectDetectionLastLayer imageInputScaling thresholds tensorboardGraphs
    """,
    "keras.KerasModelMetadataGraph": "title xLabel yLabel description hideInUI data",
    "keras.KerasModelMetadataGraphSeries": "title values",
    "keras.KerasVisualLayer": "type neurons kernelSize dropoutRate columns stack enabled organizationModelId",
    "keras.LayerEnd": "shape name type",
    "keras.TransferLearningModel": """
        name shortName abbreviatedName description hasNeurons hasDropout defaultNeurons defaultDropout
        defaultLearningRate defaultTrainingCycles hasImageAugmentation type learnBlockType organizationModelId
        implementationVersion repositoryUrl author blockType customParameters displayCategory
        blockNoLongerAvailable hasExpertMode
    """,
    "metrics.AdditionalMetric": "name value fullPrecisionValue tooltipText link",
    "metrics.BoundingBoxWithScore": "label x y width height score",
    "metrics.KerasCustomMetric": "name value",
    "metrics.KerasModelMetadataMetrics": """
        type loss accuracy confusionMatrix report onDevicePerformance predictions visualization isSupportedOnMcu
        mcuSupportError profilingJobId profilingJobFailed additionalMetrics
    """,
    "metrics.Memory": "ramRequired romRequired arenaSize modelSize",
    "metrics.ModelPrediction": """
        sampleId startMs endMs label prediction predictionCorrect f1Score anomalyScores boundingBoxes
        labelMapPredictions
    """,
    "metrics.OnDevicePerformance": """
        mcu name isDefault latency tflite eon eon_ram_optimized customMetrics hasPerformance profilingError
    """,
    "parameters.DSPGroup": "group items",
    "parameters.DSPGroupItem": """
        name value defaultValue type help param selectOptions readonly shouldShow showIf invalidText section
        multiline required hint placeholder showClickToSet valid items properties minVal maxVal
    """,
    "parameters.PostProcessingConfig": "enabled parameters",
    "parameters.SelectOption": "value selected optionLabel priority romEstimate needsOps needsFeatures",
    "parameters.ShowIf": "parameter operator value",
    "projects.ListProjectsResponse": "success error projects",
    "projects.ListTunerRunsResponse": "success error runs",
    "projects.TunerRun": """
        tunerJobId tunerCoordinatorJobId index name created jobStatus continuationJobId space visible
    """,
    "space.TunerSpaceImpulse": "parameters inputBlocks dspBlocks learnBlocks",
    "state.OptimizationObjective": "objective label weight",
    "state.OptimizeConfig": """
        name targetLatency targetDevice compiler precision trainingCycles tuningMaxTrials tuningWorkers
        initialTrials optimizationRounds trialsPerOptimizationRound minMACCS maxMACCS tuningAlgorithm
        notificationOnCompletion importProjectMetrics importResourceMetrics numImportProjectMetrics
        numImportResourceMetrics enableSEM accuracySEM latencySEM optimizationObjectives rawObjectives
        optimizationPrecision earlyStopping earlyStoppingWindowSize earlyStoppingImprovementBar MOMF
        verboseLogging disableConstraints disableDeduplicate maxTotalTrainingTime tunerSpaceOptions space
        searchSpaceTemplate searchSpaceSource
    """,
    "state.OptimizeStateResponse": """
        success error config status tunerJobId tunerCoordinatorJobId continuationJobId tuningAlgorithm
        tunerJobIsRunning trials projectDataType jobError workers nextRunIndex canExtendSearch isWhitelabel
        totalTrainingTimeExceeded
    """,
    "state.OptimizeStatus": """
        numPendingTrials numRunningTrials numCompletedTrials numFailedTrials numReadyWorkers numBusyWorkers
        numPendingWorkers status
    """,
    "state.SearchSpaceSource": "type templateTitle runTitle impulseTitle",
    "state.SearchSpaceTemplate": "identifier classification anomaly regression",
    "state.TargetDevice": "name ram rom",
    "state.TunerWorker": "workerId status",
    "thresholds.BlockThreshold": "key description helpText suggestedValue suggestedValueText value dropdownOptions",
    "thresholds.SetImpulseThresholdsRequest": """
        thresholds allowCreatingRegenerateModelTestingJobs forceRunRegenerateModelTestingInJob
    """,
    "thresholds.SetImpulseThresholdsResponse": """
        success error hadModelTestingResults regenerateModelTestingStatus regenerateModelTestingResultsJobId
    """,
    "thresholds.ThresholdChange": "blockId key value",
    "thresholds.ThresholdOption": "description value",
    "trial.DspJobId": "training testing",
    "trial.ImpulseAddedToProject": "impulseId link",
    "trial.TrialBlock": "id lastActive retries status type modelBlockIndex",
    "trial.TrialMetrics": "test train validation",
    "trial.TrialProgress": "epoch loss val_loss accuracy val_accuracy",
    "trial.TunerTrial": """
        id name status lastCompletedEpoch lastCompletedTraining retries currentEpoch workerId blocks impulse
        experiment original_trial_id model dspJobId learnJobId devicePerformance optimizationRound progress
        metrics impulseAddedToProject createdInPostProcessing
    """,
    "trial.TunerTrialImpulse": "inputBlocks dspBlocks learnBlocks",
}


@pytest.mark.parametrize("place", FIELDS)
def test_a_model_has_exactly_the_documents_fields_under_their_names(place: str) -> None:
    module, name = place.split(".")
    model: type[BaseModel] = getattr(import_module(f"eitui.api.models.{module}"), name)
    assert sorted(field.alias or key for key, field in model.model_fields.items()) == sorted(FIELDS[place].split())


@pytest.mark.parametrize("place", FIELDS)
def test_names_in_python_are_snake_case(place: str) -> None:
    module, name = place.split(".")
    model: type[BaseModel] = getattr(import_module(f"eitui.api.models.{module}"), name)
    assert all(field == field.lower() for field in model.model_fields)
