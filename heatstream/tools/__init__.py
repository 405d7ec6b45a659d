"""Programs for those who build HeatStream: training and checking the demo's detector."""
